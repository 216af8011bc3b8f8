import { describe, expect, it } from "vitest";
import { ADDRESS, Bench, KEY, NODES, PHASES, request } from "./takeover.test.fixture.ts";

const announce = { type: "Announce", key: KEY, addresses: [ADDRESS], interfaces: "all" };
const announcing = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
const withdraw = { type: "Withdraw", key: KEY };
const lostTo = (to: string | null): unknown => ({ type: "NotAnnouncing", key: KEY, to });

describe("a node that stood still", () => {
  it("is silent at once, and asks the members what they know", () => {
    expect(PHASES.Deciding().step({ type: "PauseNoticed" })).toEqual([
      withdraw,
      lostTo(null),
      { type: "ConfirmMembership" },
    ]);
  });

  it("announces again as soon as the members say that it lives", () => {
    const bench = PHASES.Resuming();
    bench.wait(20);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([announce, announcing]);
    expect(bench.wait(10_000)).toEqual([]);
  });

  it("yields to a node that ranks before it and came meanwhile", () => {
    const bench = new Bench("node-a");
    bench.step({ type: "PeersExpected", count: 1 });
    bench.members(["node-a", "node-c"]);
    expect(bench.step({ type: "AnnouncementRequested", request: request() })).toEqual([announce, announcing]);
    bench.step({ type: "PauseNoticed" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([lostTo("node-b")]);
  });

  it("decides by what it heard meanwhile when nobody answers for half a second", () => {
    const bench = PHASES.Resuming();
    expect(bench.members(["node-a", "node-c"])).toEqual([]);
    expect(bench.wait(499)).toEqual([]);
    expect(bench.wait(1)).toEqual([lostTo("node-a")]);
  });

  it("stays silent longer when it stands still again, and tells nothing twice", () => {
    const bench = PHASES.Resuming();
    bench.wait(400);
    expect(bench.step({ type: "PauseNoticed" })).toEqual([{ type: "ConfirmMembership" }]);
    expect(bench.wait(499)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing]);
  });

  it("announces a service that was requested, and none that was withdrawn, while it was silent", () => {
    const bench = PHASES.Resuming();
    bench.step({ type: "AnnouncementWithdrawn", key: KEY });
    expect(bench.step({ type: "AnnouncementRequested", request: request({ key: "default/new" }) })).toEqual([]);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([
      { ...announce, key: "default/new" },
      { ...announcing, key: "default/new" },
    ]);
  });

  it("goes on answering where there is no membership", () => {
    const bench = new Bench("node-b", { hasMembership: false });
    bench.step({ type: "AnnouncementRequested", request: request() });
    bench.step({ type: "NodesListed", nodes: NODES });
    expect(bench.step({ type: "PauseNoticed" })).toEqual([]);
  });
});
