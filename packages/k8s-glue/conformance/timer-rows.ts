import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { codes, peer } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

type Timers = readonly [
  hold: string | undefined,
  keepalive: string | undefined,
  seconds: readonly [number, number] | null,
];

function expectTimers(...rows: readonly Timers[]): void {
  for (const [hold, keepalive, seconds] of rows) {
    const written = {
      ...(hold === undefined ? {} : { holdTime: hold }),
      ...(keepalive === undefined ? {} : { keepaliveTime: keepalive }),
    };
    const { bgpPeers, issues } = readConfiguration([peer(written)]);
    const { holdTime = null, keepaliveTime = null } = bgpPeers[0]?.config ?? {};
    const read = holdTime === null ? null : [holdTime, keepaliveTime];
    expect({ read, issues }, `${hold} and ${keepalive}`).toEqual({ read: seconds, issues: [] });
  }
}

/** §2.8: the timers of peers. */
export const timerRows: readonly ConformanceRow[] = [
  {
    section: "§2.8",
    row: "no timer is set",
    verdict: "same",
    why: "",
    check: () => {
      expectTimers([undefined, undefined, null], ["", "", null]);
      expect(readConfiguration([peer({})]).bgpPeers[0]?.config).not.toHaveProperty("holdTime");
    },
  },
  {
    section: "§2.8",
    row: "only the hold time is set",
    verdict: "same",
    why: "",
    check: () => expectTimers(["90s", undefined, [90, 30]], ["1m30s", "", [90, 30]], ["3s", undefined, [3, 1]]),
  },
  {
    section: "§2.8",
    row: "only the keepalive time is set",
    verdict: "same",
    why: "",
    check: () => expectTimers([undefined, "20s", [60, 20]], [undefined, "0s", [0, 0]], [undefined, "1s", [3, 1]]),
  },
  {
    section: "§2.8",
    row: "limits of timers",
    verdict: "same",
    why: "",
    check: () => {
      expectTimers(
        ["3.9s", undefined, [3, 1]],
        ["0s", "0s", [0, 0]],
        ["900ms", undefined, [0, 0]],
        ["9s", "9s", [9, 9]],
      );
      for (const holdTime of ["1s", "2s", "2.9s", "-9s"]) {
        expect(codes(peer({ holdTime })), holdTime).toEqual(["p spec.holdTime BadTimer Rejected"]);
      }
      for (const [holdTime, keepaliveTime] of [
        ["9s", "10s"],
        ["0s", "1s"],
      ]) {
        expect(codes(peer({ holdTime, keepaliveTime }))).toEqual(["p spec.keepaliveTime BadTimer Rejected"]);
      }
    },
  },
];
