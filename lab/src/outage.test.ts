import { describe, expect, it } from "vitest";
import { readNeighbourChange, readOutage } from "./outage.ts";

describe("an outage", () => {
  const table = [
    { name: "none", output: "0 ok\n50 ok\n100 ok\n", outage: { lostMs: 0, attempts: 3, failed: 0, failingMs: 0 } },
    {
      name: "until the next request that was answered",
      output: "0 ok\n50 ECONNREFUSED\n100 TimeoutError\n150 ok\n",
      outage: { lostMs: 100, attempts: 4, failed: 2, failingMs: 50 },
    },
    {
      name: "in the order of the requests, not of their ends",
      output: "100 ok\n0 ok\n50 TimeoutError\n",
      outage: { lostMs: 50, attempts: 3, failed: 1, failingMs: 0 },
    },
    {
      name: "the longest of two",
      output: "0 status 503\n50 ok\n100 TimeoutError\n150 TimeoutError\n300 ok\n",
      outage: { lostMs: 200, attempts: 5, failed: 3, failingMs: 150 },
    },
    {
      name: "not over yet",
      output: "0 ok\n50 TimeoutError\n100 TimeoutError\n",
      outage: { lostMs: 50, attempts: 3, failed: 2, failingMs: 50 },
    },
    { name: "a line cut off", output: "0 ok\n50 o", outage: { lostMs: 0, attempts: 1, failed: 0, failingMs: 0 } },
  ];
  it.each(table)("$name", ({ output, outage }) => {
    expect(readOutage(output)).toEqual(outage);
  });
});

describe("a line of ip neigh", () => {
  const mac = "02:00:5e:00:53:02";
  const at = Date.parse("2026-11-21T06:30:00.123456");
  const table = [
    {
      name: "of the monitor",
      line: `[2026-11-21T06:30:00.123456] 192.0.2.200 dev eth0 lladdr ${mac} STALE `,
      change: [{ at, mac, state: "STALE" }],
    },
    {
      name: "of a router",
      line: `[2026-11-21T06:30:00.123456] 192.0.2.200 dev eth0 lladdr ${mac} router REACHABLE`,
      change: [{ at, mac, state: "REACHABLE" }],
    },
    {
      name: "of an entry that is not resolved",
      line: "[2026-11-21T06:30:00.123456] 192.0.2.200 dev eth0 FAILED",
      change: [{ at, mac: null, state: "FAILED" }],
    },
    {
      name: "of an entry that is gone",
      line: `[2026-11-21T06:30:00.123456] Deleted 192.0.2.200 dev eth0 lladdr ${mac} STALE`,
      change: [{ at, mac: null, state: "STALE" }],
    },
    {
      name: "of the table",
      line: `192.0.2.200 dev eth0 lladdr ${mac} ref 1 used 0/0/0 probes 4 DELAY`,
      change: [{ at: Number.NaN, mac, state: "DELAY" }],
    },
    { name: "of another address", line: `192.0.2.20 dev eth0 lladdr ${mac} STALE`, change: [] },
    { name: "that is empty", line: "", change: [] },
  ];
  it.each(table)("$name", ({ line, change }) => {
    expect(readNeighbourChange(line, "192.0.2.200")).toEqual(change);
  });
});
