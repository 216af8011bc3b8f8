import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { TakeoverEvent } from "./takeover-event.ts";
import { ADDRESS, type Answer, Bench, KEY, NODES, PHASES, request } from "./takeover.test.fixture.ts";

const announce: Answer = { type: "Announce", key: KEY, addresses: [ADDRESS], interfaces: "all" };
const announcing: Answer = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
const withdraw: Answer = { type: "Withdraw", key: KEY };
const yields: Answer = { type: "Yield", key: KEY };
const lostTo = (to: string | null): Answer => ({ type: "NotAnnouncing", key: KEY, to });
const requested: TakeoverEvent = { type: "AnnouncementRequested", request: request() };

/** A machine of a node that decides among all three. */
function deciding(node: string): Bench {
  const bench = new Bench(node);
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES);
  return bench;
}

describe("the cadence of a request", () => {
  it("goes to the responder with the announcement", () => {
    const cadence = { refreshInterval: 60_000, form: "Reply" } as const;
    const bench = deciding("node-b");
    expect(bench.step({ type: "AnnouncementRequested", request: { ...request(), cadence } })).toContainEqual({
      ...announce,
      cadence,
    });
  });
});

describe("the wait for members", () => {
  it("decides nothing before the members are known, however long nobody tells how many there are", () => {
    const bench = new Bench("node-b");
    expect(bench.step(requested)).toEqual([]);
    expect(bench.wait(3_600_000)).toEqual([]);
    expect(bench.phase).toBe("WaitingForMembers");
  });

  it("decides at once where no other speaker is expected", () => {
    const bench = new Bench("node-c");
    bench.step(requested);
    expect(bench.step({ type: "PeersExpected", count: 0 })).toEqual([announce, announcing]);
  });

  it("decides at once when every expected speaker is a member", () => {
    const bench = new Bench("node-b");
    bench.step(requested);
    bench.step({ type: "PeersExpected", count: 2 });
    expect(bench.members(["node-a", "node-b"])).toEqual([]);
    expect(bench.members(NODES)).toEqual([announce, announcing]);
  });

  it("takes itself for the only one 2.5 seconds after it was told of others and reached none", () => {
    const bench = new Bench("node-c");
    bench.step(requested);
    bench.wait(1_000);
    bench.step({ type: "PeersExpected", count: 2 });
    expect(bench.wait(2_499)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing]);
  });

  it("does not wait longer because it is told of others again", () => {
    const bench = new Bench("node-c");
    bench.step(requested);
    bench.step({ type: "PeersExpected", count: 2 });
    bench.wait(1_000);
    bench.step({ type: "PeersExpected", count: 3 });
    expect(bench.wait(1_499)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing]);
  });

  it("waits half a second for the others when it has reached some, and no longer because of more", () => {
    const bench = new Bench("node-b");
    bench.step(requested);
    bench.step({ type: "PeersExpected", count: 3 });
    bench.wait(100);
    bench.members(["node-a", "node-b"]);
    bench.wait(400);
    bench.members(NODES);
    expect(bench.wait(99)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing]);
  });

  it("decides when fewer speakers are expected than before, and all of those are members", () => {
    const bench = new Bench("node-b");
    bench.step(requested);
    bench.step({ type: "PeersExpected", count: 3 });
    bench.members(["node-a", "node-b"]);
    expect(bench.step({ type: "PeersExpected", count: 1 })).toEqual([announce, announcing]);
  });

  it("counts every Node as live where there is no membership, and hears of no members", () => {
    const bench = new Bench("node-a", { hasMembership: false });
    bench.step(requested);
    expect(bench.step({ type: "PeersExpected", count: 0 })).toEqual([]);
    expect(bench.members(["node-a"])).toEqual([]);
    expect(bench.step({ type: "NodesListed", nodes: NODES })).toEqual([lostTo("node-b")]);
    expect(bench.step({ type: "NodesListed", nodes: ["node-a"] })).toEqual([announce, announcing]);
  });

  it("goes by its members alone where there is a membership, not by the Nodes", () => {
    const bench = new Bench("node-b");
    bench.step(requested);
    expect(bench.step({ type: "NodesListed", nodes: NODES })).toEqual([]);
    expect(bench.phase).toBe("WaitingForMembers");
  });
});

describe("elections", () => {
  it("takes over when the announcer dies, hands back when it returns, and tells each change once", () => {
    const bench = deciding("node-a");
    expect(bench.step(requested)).toEqual([lostTo("node-b")]);
    expect(bench.members(NODES)).toEqual([]);
    expect(bench.members(["node-a", "node-c"])).toEqual([announce, announcing]);
    expect(bench.members(NODES, ["node-b"])).toEqual([yields, lostTo("node-b")]);
  });

  it("does not count this node as live unless the members say so", () => {
    const bench = deciding("node-b");
    bench.step(requested);
    expect(bench.members(["node-a", "node-c"])).toEqual([yields, lostTo("node-a")]);
  });

  it("prefers the higher score, and announces on the interfaces of its own candidacy", () => {
    const bench = deciding("node-c");
    bench.step({ type: "InterfacesChanged", names: ["eth0", "eth1"] });
    const candidates = [
      ...request().candidates.slice(0, 2),
      { node: "node-c", score: 5, interfaces: ["eth1", "eth9"] },
    ];
    expect(bench.step({ type: "AnnouncementRequested", request: request({ candidates }) })).toEqual([
      { ...announce, interfaces: ["eth1", "eth9"] },
      { ...announcing, interfaces: ["eth1"] },
    ]);
  });

  it("tells a changed request again, so that changed addresses reach the responder", () => {
    const bench = deciding("node-b");
    bench.step(requested);
    const addresses = [ADDRESS, "2001:db8::1" as IpAddress];
    expect(bench.step({ type: "AnnouncementRequested", request: request({ addresses }) })).toEqual([
      { ...announce, addresses },
      { ...announcing, addresses },
    ]);
  });

  it("yields to the next node when a changed request leaves this one out", () => {
    const bench = deciding("node-b");
    bench.step(requested);
    const candidates = request().candidates.filter(({ node }) => node !== "node-b");
    expect(bench.step({ type: "AnnouncementRequested", request: request({ candidates }) })).toEqual([
      yields,
      lostTo("node-a"),
    ]);
  });

  it("withdraws what is withdrawn, once, and nothing that others announce", () => {
    const own = deciding("node-b");
    own.step(requested);
    expect(own.step({ type: "AnnouncementWithdrawn", key: KEY })).toEqual([withdraw, lostTo(null)]);
    expect(own.step({ type: "AnnouncementWithdrawn", key: KEY })).toEqual([]);
    const other = deciding("node-a");
    other.step(requested);
    expect(other.step({ type: "AnnouncementWithdrawn", key: KEY })).toEqual([]);
  });

  it("tells that no candidate lives", () => {
    const bench = deciding("node-b");
    const candidates = request().candidates.slice(0, 1);
    bench.step({ type: "AnnouncementRequested", request: request({ candidates }) });
    expect(bench.members(["node-b", "node-c"])).toEqual([lostTo(null)]);
  });

  it("announces again when a candidate joins that may have answered while it was cut off", () => {
    const bench = deciding("node-b");
    bench.step(requested);
    bench.members(["node-a", "node-b"]);
    expect(bench.members([...NODES, "node-z"], ["node-z"])).toEqual([]);
    expect(bench.members(NODES, ["node-c"])).toEqual([withdraw, announce]);
  });

  it("announces once where the member that joins makes this node the announcer", () => {
    const bench = deciding("node-b");
    bench.members([]);
    bench.step(requested);
    expect(bench.members(NODES, NODES)).toEqual([announce, announcing]);
  });

  it("tells the existing interfaces of a selection as they come and go, and only where that changes", () => {
    const bench = deciding("node-b");
    const candidates = NODES.map((node) => ({ node, score: 0, interfaces: ["eth0", "eth1"] }));
    bench.step({ type: "AnnouncementRequested", request: request({ candidates }) });
    bench.step({ type: "AnnouncementRequested", request: request({ key: "default/all" }) });
    expect(bench.step({ type: "InterfacesChanged", names: ["eth1", "eth7"] })).toEqual([
      { ...announcing, interfaces: ["eth1"] },
    ]);
    expect(bench.step({ type: "InterfacesChanged", names: ["eth1"] })).toEqual([]);
    expect(bench.step({ type: "InterfacesChanged", names: [] })).toEqual([{ ...announcing, interfaces: [] }]);
  });
});

describe("the handover", () => {
  it("leaves the membership, answers on for a quarter of a second after that, then stops", () => {
    const bench = PHASES.Deciding();
    expect(bench.step({ type: "StopRequested" })).toEqual([{ type: "StartHandover" }, { type: "LeaveMembership" }]);
    bench.wait(100);
    expect(bench.step({ type: "LeaveCompleted" })).toEqual([]);
    expect(bench.wait(249)).toEqual([]);
    expect(bench.wait(1)).toEqual([{ type: "Stopped" }]);
    expect(bench.wait(60_000)).toEqual([]);
  });

  it("stops 1.3 seconds after the request where the leave does not complete, or only just before", () => {
    for (const completes of [null, 1_200]) {
      const bench = PHASES.Leaving();
      if (completes !== null) {
        bench.wait(completes);
        bench.step({ type: "LeaveCompleted" });
      }
      expect(bench.wait(1_299 - (completes ?? 0))).toEqual([]);
      expect(bench.wait(1)).toEqual([{ type: "Stopped" }]);
    }
  });

  it("stops at once where there is no membership to tell", () => {
    const bench = new Bench("node-b", { hasMembership: false });
    expect(bench.step({ type: "StopRequested" })).toEqual([{ type: "Stopped" }]);
  });
});
