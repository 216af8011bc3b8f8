import type { IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { serviceDigestOf, noLostLinks, type LostLinks } from "./node-report.ts";
import { ADDRESS, type Answer, Bench, KEY, NODES, request } from "./takeover.test.fixture.ts";

const announce = { type: "Announce", key: KEY, addresses: [ADDRESS], interfaces: "all" };
const announcing = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
const lostTo = (to: string | null): unknown => ({ type: "NotAnnouncing", key: KEY, to });
const owns = new Set([serviceDigestOf(KEY)]);

/** Another node's report. */
function report(
  bench: Bench,
  node: string,
  { owned = new Set<string>(), lostLinks = noLostLinks }: { owned?: ReadonlySet<string>; lostLinks?: LostLinks },
): readonly Answer[] {
  return bench.step({ type: "ReportReceived", node, report: { owned, lostLinks } });
}

/** A node with a sticky request and two others, none of which has reported. */
function undecided(node: string, sticky = true): Bench {
  const bench = new Bench(node);
  bench.step({ type: "AnnouncementRequested", request: request({ sticky }) });
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES);
  return bench;
}

describe("a sticky service", () => {
  it("is decided when all live nodes have reported: the first of the order announces where none owns it", () => {
    const bench = undecided("node-b");
    expect(bench.wait(100)).toEqual([]);
    expect(report(bench, "node-a", {})).toEqual([]);
    expect(report(bench, "node-c", {})).toEqual([announce, announcing]);
  });

  it("stays with the owner when a node comes that ranks before it", () => {
    const bench = undecided("node-b");
    report(bench, "node-a", {});
    expect(report(bench, "node-c", { owned: owns })).toEqual([lostTo("node-c")]);
    // The owner goes: the order decides again.
    expect(bench.members(["node-a", "node-b"])).toEqual([announce, announcing]);
  });

  it("stays with the node that announces it when one comes that ranks before it, and is reported as owned", () => {
    const bench = new Bench("node-c");
    bench.step({ type: "AnnouncementRequested", request: request({ sticky: true }) });
    bench.step({ type: "PeersExpected", count: 0 });
    bench.wait(20);
    expect(bench.reports.at(-1)?.owned).toEqual(owns);
    // Only its frames are repeated, for a newcomer that was cut off.
    expect(bench.members(["node-b", "node-c"], ["node-b"])).toEqual([{ type: "Withdraw", key: KEY }, announce]);
    expect(report(bench, "node-b", {})).toEqual([]);
  });

  it("goes to the first in the order where two announce it", () => {
    const bench = new Bench("node-c");
    bench.step({ type: "AnnouncementRequested", request: request({ sticky: true }) });
    bench.step({ type: "PeersExpected", count: 0 });
    bench.members(["node-a", "node-c"], ["node-a"]);
    expect(report(bench, "node-a", { owned: owns })).toEqual([{ type: "Yield", key: KEY }, lostTo("node-a")]);
    bench.wait(20);
    expect(bench.reports.at(-1)?.owned).toEqual(new Set());
  });

  it("follows the reports that come later: another node took it, or gave it up", () => {
    const bench = undecided("node-a");
    report(bench, "node-b", {});
    expect(report(bench, "node-c", {})).toEqual([lostTo("node-b")]);
    expect(report(bench, "node-c", { owned: owns })).toEqual([lostTo("node-c")]);
    expect(report(bench, "node-b", { owned: new Set([serviceDigestOf("default/other")]) })).toEqual([]);
    expect(report(bench, "node-c", {})).toEqual([lostTo("node-b")]);
  });

  it("is decided after half a second where a node, such as one of MetalLB, never reports", () => {
    const bench = undecided("node-b");
    report(bench, "node-a", {});
    expect(bench.wait(499)).toEqual([]);
    expect(bench.wait(1)).toEqual([announce, announcing]);
  });

  it("holds no other service up", () => {
    expect(undecided("node-b", false).state.elections.get(KEY)?.announcer).toBe("node-b");
  });

  it("leaves an owner that is no candidate any more", () => {
    const bench = undecided("node-b");
    report(bench, "node-a", {});
    report(bench, "node-c", { owned: owns });
    const candidates = request().candidates.filter(({ node }) => node !== "node-c");
    expect(bench.step({ type: "AnnouncementRequested", request: request({ sticky: true, candidates }) })).toEqual([
      announce,
      announcing,
    ]);
  });

  it("stays with its announcer over a changed request and a pause, but not where others took it for dead", () => {
    const bench = undecided("node-a");
    for (const node of ["node-b", "node-c"]) report(bench, node, {});
    bench.members(["node-a", "node-c"]);
    bench.members(NODES, ["node-b"]);
    report(bench, "node-b", {});
    expect(bench.state.elections.get(KEY)?.announcer).toBe("node-a");
    bench.step({ type: "AnnouncementRequested", request: request({ sticky: true }) });
    bench.step({ type: "PauseNoticed" });
    bench.step({ type: "MembershipConfirmed", live: NODES });
    expect(bench.state.elections.get(KEY)?.announcer).toBe("node-a");
    bench.step({ type: "PauseNoticed" });
    bench.step({ type: "DeathRefuted" });
    // The others have forgotten this node: what they have told it is out of date.
    expect(bench.reports.at(-1)?.owned).toEqual(new Set());
    bench.step({ type: "MembershipConfirmed", live: NODES });
    expect(bench.state.elections.get(KEY)?.announcer).toBeUndefined();
    for (const node of ["node-b", "node-c"]) report(bench, node, {});
    expect(bench.state.elections.get(KEY)?.announcer).toBe("node-b");
  });

  it("is given up by a node that was cut off alone, as soon as its link is back", () => {
    const bench = undecided("node-b");
    for (const node of ["node-a", "node-c"]) report(bench, node, {});
    bench.members(["node-b"]);
    bench.wait(20);
    expect(bench.reports.at(-1)?.owned).toEqual(owns);
    bench.step({ type: "LinkRestored" });
    expect(bench.phase).toBe("WaitingForMembers");
    expect(bench.reports.at(-1)?.owned).toEqual(new Set());
    bench.members(NODES, ["node-a", "node-c"]);
    report(bench, "node-a", {});
    expect(report(bench, "node-c", { owned: owns })).toEqual([lostTo("node-c")]);
  });

  it("is an ordinary one where there is no membership to report by", () => {
    const bench = new Bench("node-b", { hasMembership: false });
    bench.step({ type: "AnnouncementRequested", request: request({ sticky: true }) });
    expect(bench.step({ type: "NodesListed", nodes: NODES })).toEqual([announce, announcing]);
  });
});

describe("a node without a link", () => {
  const lost = { interfaces: ["eth0"], prefixes: ["10.0.0.0/24" as IpPrefix] };
  const both = request().candidates.map((each) => ({ ...each, interfaces: ["eth0", "eth1"] }));

  /** Node b, which decides among three nodes. */
  const deciding = (candidates = request().candidates): Bench => {
    const bench = undecided("node-b", false);
    bench.step({ type: "AnnouncementRequested", request: request({ candidates }) });
    return bench;
  };

  it("tells the others at once, and leaves the address to the next", () => {
    const bench = deciding();
    bench.wait(20);
    expect(bench.step({ type: "LinksLost", links: lost })).toEqual([{ type: "Yield", key: KEY }, lostTo("node-a")]);
    bench.wait(0);
    expect(bench.reports.at(-1)).toEqual({ lostLinks: lost, owned: new Set() });
    expect(bench.step({ type: "LinksLost", links: noLostLinks })).toEqual([announce, announcing]);
  });

  it("is passed over by the others", () => {
    const bench = undecided("node-a", false);
    expect(report(bench, "node-b", { lostLinks: lost })).toEqual([announce, announcing]);
    expect(report(bench, "node-b", {})).toEqual([{ type: "Yield", key: KEY }, lostTo("node-b")]);
  });

  it("keeps an address that its other links lead to, and one whose interfaces are not all lost", () => {
    const elsewhere = { interfaces: ["eth0"], prefixes: ["10.0.1.0/24" as IpPrefix] };
    expect(deciding().step({ type: "LinksLost", links: elsewhere })).toEqual([]);
    expect(deciding(both).step({ type: "LinksLost", links: { interfaces: ["eth0"], prefixes: [] } })).toEqual([]);
    const all = { interfaces: ["eth0", "eth1"], prefixes: [] };
    expect(deciding(both).step({ type: "LinksLost", links: all })).toContainEqual(lostTo("node-a"));
  });

  it("keeps the address where no other node has a link either", () => {
    const bench = deciding();
    for (const node of ["node-a", "node-c"]) report(bench, node, { lostLinks: lost });
    expect(bench.step({ type: "LinksLost", links: lost })).toEqual([]);
  });

  it("is forgotten with its report when it leaves", () => {
    const bench = undecided("node-a", false);
    report(bench, "node-b", { lostLinks: lost });
    bench.members(["node-a", "node-c"]);
    expect(bench.members(NODES, ["node-b"])).toContainEqual(lostTo("node-b"));
  });
});
