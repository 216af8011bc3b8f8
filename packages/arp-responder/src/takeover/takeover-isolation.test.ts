import { describe, expect, it } from "vitest";
import { ADDRESS, Bench, KEY, NODES, PHASES, request } from "./takeover.test.fixture.ts";

const announce = { type: "Announce", key: KEY, addresses: [ADDRESS], interfaces: "all" };
const announcing = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
const end = { type: "EndSilence" };
const silent = [
  { type: "BeginSilence" },
  { type: "Withdraw", key: KEY },
  { type: "NotAnnouncing", key: KEY, to: null },
];
const probes = (wanted: boolean): unknown => ({ type: "ProbeApiServer", wanted });

/** A node that announces, among three, and yields when it is cut off. */
function yielding(isolated: "yield" | "serve" = "yield"): Bench {
  const bench = new Bench("node-b", { isolated });
  bench.step({ type: "AnnouncementRequested", request: request() });
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES);
  bench.step({ type: "OthersReachable", count: 2 });
  return bench;
}

describe("a node that lost its watchers", () => {
  it("asks the API server, and is silent after 20 ms without an answer", () => {
    const bench = yielding();
    expect(bench.step({ type: "WatchersLost" })).toEqual([probes(true)]);
    expect(bench.wait(19)).toEqual([]);
    expect(bench.wait(1)).toEqual(silent);
    expect(bench.phase).toBe("Isolated");
    expect(bench.wait(60_000)).toEqual([]);
  });

  it("is silent at once where the API server cannot be reached", () => {
    const bench = yielding();
    bench.step({ type: "WatchersLost" });
    expect(bench.step({ type: "ApiServerProbed", reached: false })).toEqual(silent);
  });

  it("goes on where the API server answers, until it does not", () => {
    const bench = yielding();
    bench.step({ type: "WatchersLost" });
    expect(bench.step({ type: "ApiServerProbed", reached: true })).toEqual([]);
    expect(bench.wait(60_000)).toEqual([]);
    expect(bench.step({ type: "ApiServerProbed", reached: false })).toEqual(silent);
  });

  it("goes on where it is to serve, or where the API server has contact with no other Node", () => {
    const serving = yielding("serve");
    expect(serving.step({ type: "WatchersLost" })).toEqual([]);
    const last = yielding();
    last.step({ type: "OthersReachable", count: 0 });
    expect(last.step({ type: "WatchersLost" })).toEqual([]);
    expect([...serving.wait(1_000), ...last.wait(1_000)]).toEqual([]);
  });

  it("forgets the doubt when it hears a watcher again", () => {
    const bench = yielding();
    bench.step({ type: "WatchersLost" });
    expect(bench.step({ type: "WatchersHeard" })).toEqual([probes(false)]);
    expect(bench.wait(1_000)).toEqual([]);
  });

  it("doubts also when gossip alone says that no other node lives", () => {
    const bench = yielding();
    expect(bench.members(["node-b"], [], ["node-a", "node-c"])).toEqual([probes(true)]);
    expect(bench.wait(20)).toEqual(silent);
  });

  it("does not doubt when the last of the others left in order", () => {
    const bench = yielding();
    expect(bench.members(["node-b"])).toEqual([]);
    expect(bench.wait(1_000)).toEqual([]);
  });

  it("doubts after a pause during which it lost them", () => {
    const bench = yielding();
    bench.step({ type: "PauseNoticed" });
    bench.step({ type: "WatchersLost" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([end, probes(true)]);
    expect(bench.wait(20)).toEqual(silent);
  });
});

describe("a node that is cut off", () => {
  it("answers again as soon as the API server does: it was not cut off", () => {
    expect(PHASES.Isolated().step({ type: "ApiServerProbed", reached: true })).toEqual([announce, announcing, end]);
  });

  it("answers when the API server has contact with no other Node", () => {
    const effects = PHASES.Isolated().step({ type: "OthersReachable", count: 0 });
    expect(effects).toEqual([probes(false), announce, announcing, end]);
  });

  it("asks the members before it answers, when it hears a watcher", () => {
    const bench = PHASES.Isolated();
    expect(bench.step({ type: "WatchersHeard" })).toEqual([probes(false), { type: "ConfirmMembership" }]);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([announce, announcing, end]);
  });

  it("joins the members before it answers, where it took them for dead", () => {
    const bench = PHASES.Isolated();
    bench.members(["node-b"]);
    expect(bench.members(NODES, ["node-a", "node-c"])).toEqual([probes(false), { type: "ConfirmMembership" }]);
    const alone = PHASES.Isolated();
    alone.members(["node-b"]);
    expect(alone.step({ type: "WatchersHeard" })).toEqual([probes(false), { type: "RejoinMembership" }]);
    expect(alone.phase).toBe("WaitingForMembers");
  });

  it("stays silent over pauses and links", () => {
    const bench = PHASES.Isolated();
    expect(bench.step({ type: "PauseNoticed" })).toEqual([]);
    expect(bench.step({ type: "LinkRestored" })).toEqual([]);
    expect(bench.step({ type: "AnnouncementRequested", request: request() })).toEqual([]);
    expect(bench.phase).toBe("Isolated");
  });
});
