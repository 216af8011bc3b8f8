import type { IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { noLostLinks } from "./node-report.ts";
import { Bench, NODES, PHASES, request } from "./takeover.test.fixture.ts";

/** Node a, second in the order, which sees node b announce. */
function second(): Bench {
  const bench = new Bench("node-a");
  bench.step({ type: "AnnouncementRequested", request: request() });
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES);
  return bench;
}

describe("the cause of an announcement", () => {
  it("is the start of a node that never knew another announcer, and the end of a silence in which it had given up all", () => {
    const bench = PHASES.Isolated();
    bench.step({ type: "ApiServerProbed", reached: true });
    expect(bench.causes).toEqual([
      { reason: "Started", previous: null },
      { reason: "Started", previous: null },
    ]);
  });

  it("is the death of the announcer before, or its end in order", () => {
    const bench = second();
    bench.members(["node-a", "node-c"], [], ["node-b"]);
    expect(bench.causes).toEqual([{ reason: "NodeDied", previous: "node-b" }]);
    const other = second();
    other.members(["node-a", "node-c"]);
    expect(other.causes).toEqual([{ reason: "NodeLeft", previous: "node-b" }]);
  });

  it("is a death that was known before the service was", () => {
    const bench = second();
    bench.members(["node-a", "node-c"], [], ["node-b"]);
    bench.members(NODES, ["node-b"]);
    bench.members(["node-a", "node-c"]);
    expect(bench.causes.at(-1)).toEqual({ reason: "NodeLeft", previous: "node-b" });
  });

  it("is a lost link of the announcer before", () => {
    const bench = second();
    const lostLinks = { interfaces: ["eth0"], prefixes: ["10.0.0.0/24" as IpPrefix] };
    bench.step({ type: "ReportReceived", node: "node-b", report: { lostLinks, owned: new Set() } });
    expect(bench.causes).toEqual([{ reason: "LinkLost", previous: "node-b" }]);
    bench.step({ type: "ReportReceived", node: "node-b", report: { lostLinks: noLostLinks, owned: new Set() } });
    expect(bench.causes).toHaveLength(1);
  });

  it("is the order, where this node comes back", () => {
    const bench = PHASES.Deciding();
    bench.step({ type: "LinksLost", links: { interfaces: ["eth0"], prefixes: ["10.0.0.0/24" as IpPrefix] } });
    bench.step({ type: "LinksLost", links: noLostLinks });
    expect(bench.causes.at(-1)).toEqual({ reason: "RanksFirst", previous: "node-a" });
  });

  it("is a request with other candidates, and stays over a changed request", () => {
    const bench = second();
    const candidates = request().candidates.filter(({ node }) => node !== "node-b");
    bench.step({ type: "AnnouncementRequested", request: request({ candidates }) });
    bench.step({ type: "AnnouncementRequested", request: request({ candidates: candidates.toReversed() }) });
    const expected = { reason: "CandidatesChanged", previous: "node-b" };
    expect(bench.causes).toEqual([expected, expected]);
  });
});
