import { describe, expect, it } from "vitest";
import { ADDRESS, Bench, KEY, NODES, PHASES, request } from "./takeover.test.fixture.ts";

const announce = { type: "Announce", key: KEY, addresses: [ADDRESS], interfaces: "all" };
const announcing = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
const withdraw = { type: "Withdraw", key: KEY };
const begin = { type: "BeginSilence" };
const end = { type: "EndSilence" };
const lostTo = (to: string | null): unknown => ({ type: "NotAnnouncing", key: KEY, to });

describe("a node that stood still", () => {
  it("is silent at once, and asks the members what they know", () => {
    expect(PHASES.Deciding().step({ type: "PauseNoticed" })).toEqual([begin, { type: "ConfirmMembership" }]);
  });

  it("answers again as soon as the members say that it lives, and tells nothing of what it kept", () => {
    const bench = PHASES.Resuming();
    bench.wait(20);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([end]);
    expect(bench.wait(10_000)).toEqual([]);
  });

  it("withdraws what a node announces that ranks before it and came meanwhile", () => {
    const bench = new Bench("node-a");
    bench.step({ type: "PeersExpected", count: 1 });
    bench.members(["node-a", "node-c"]);
    expect(bench.step({ type: "AnnouncementRequested", request: request() })).toEqual([announce, announcing]);
    bench.step({ type: "PauseNoticed" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([withdraw, lostTo("node-b"), end]);
  });

  it("decides by what it heard meanwhile when nobody answers for half a second", () => {
    const bench = PHASES.Resuming();
    expect(bench.members(["node-a", "node-c"])).toEqual([]);
    expect(bench.wait(499)).toEqual([]);
    expect(bench.wait(1)).toEqual([withdraw, lostTo("node-a"), end]);
  });

  it("stays silent longer when it stands still again, and tells nothing twice", () => {
    const bench = PHASES.Resuming();
    bench.wait(400);
    expect(bench.step({ type: "PauseNoticed" })).toEqual([{ type: "ConfirmMembership" }]);
    expect(bench.wait(499)).toEqual([]);
    expect(bench.wait(1)).toEqual([end]);
  });

  it("announces a service that was requested, and none that was withdrawn, while it was silent", () => {
    const bench = PHASES.Resuming();
    expect(bench.step({ type: "AnnouncementWithdrawn", key: KEY })).toEqual([withdraw, lostTo(null)]);
    expect(bench.step({ type: "AnnouncementRequested", request: request({ key: "default/new" }) })).toEqual([]);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([
      { ...announce, key: "default/new" },
      { ...announcing, key: "default/new" },
      end,
    ]);
  });

  it("follows the interfaces while it is silent", () => {
    const bench = new Bench("node-b");
    const candidates = [{ node: "node-b", score: 0, interfaces: ["eth0", "eth1"] }];
    bench.step({ type: "AnnouncementRequested", request: request({ candidates }) });
    bench.step({ type: "PeersExpected", count: 0 });
    bench.step({ type: "PauseNoticed" });
    expect(bench.step({ type: "InterfacesChanged", names: ["eth1"] })).toEqual([
      { ...announcing, interfaces: ["eth1"] },
    ]);
  });

  it("goes on answering where there is no membership", () => {
    const bench = new Bench("node-b", { hasMembership: false });
    bench.step({ type: "AnnouncementRequested", request: request() });
    bench.step({ type: "NodesListed", nodes: NODES });
    expect(bench.step({ type: "PauseNoticed" })).toEqual([]);
  });
});

describe("a node whose link is back", () => {
  /** A node that was cut off: it took the others for dead, and announces. */
  const alone = (): Bench => {
    const bench = PHASES.Deciding();
    bench.members(["node-b"]);
    return bench;
  };

  it("is silent and joins the others, and decides once they are members", () => {
    const bench = alone();
    expect(bench.step({ type: "LinkRestored" })).toEqual([begin, withdraw, lostTo(null), { type: "RejoinMembership" }]);
    expect(bench.phase).toBe("WaitingForMembers");
    expect(bench.wait(30)).toEqual([]);
    expect(bench.members(NODES, ["node-a", "node-c"])).toEqual([announce, announcing, end]);
  });

  it("goes on alone after 2.5 seconds where nobody comes", () => {
    const bench = alone();
    bench.step({ type: "LinkRestored" });
    expect(bench.wait(2_499)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing, end]);
  });

  it("asks the members that it still knows", () => {
    const bench = PHASES.Deciding();
    expect(bench.step({ type: "LinkRestored" })).toEqual([begin, { type: "ConfirmMembership" }]);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([end]);
  });

  it("of a cluster of one node goes on at once", () => {
    const bench = new Bench("node-b");
    bench.step({ type: "AnnouncementRequested", request: request() });
    bench.step({ type: "PeersExpected", count: 0 });
    expect(bench.step({ type: "LinkRestored" })).toEqual([begin, { type: "ConfirmMembership" }]);
    expect(bench.step({ type: "MembershipConfirmed", live: ["node-b"] })).toEqual([end]);
  });
});

describe("a node that others took for dead", () => {
  it("announces again what it announces: they answer beside it until they see that", () => {
    expect(PHASES.Deciding().step({ type: "DeathRefuted" })).toEqual([withdraw, announce]);
    expect(PHASES.Resuming().step({ type: "DeathRefuted" })).toEqual([]);
  });
});
