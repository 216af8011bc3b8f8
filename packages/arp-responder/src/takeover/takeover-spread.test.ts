import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { serviceDigestOf, noLostLinks } from "./node-report.ts";
import { factsOf } from "./onlooker.ts";
import { announcersOf as predicted } from "./simulate-loss.ts";
import { addressOf } from "./spread.test.fixture.ts";
import { Bench, NODES, request } from "./takeover.test.fixture.ts";

/** The request of the service of this number. */
function numbered(at: number, changes: Partial<AnnouncementRequest> = {}): AnnouncementRequest {
  const address = addressOf(at);
  return request({ key: `default/s${at}`, addresses: [address], electionAddress: address, spread: true, ...changes });
}

/** The three nodes, which live and know each other. */
function cluster(): readonly Bench[] {
  return NODES.map((node) => {
    const bench = new Bench(node);
    bench.step({ type: "PeersExpected", count: 2 });
    bench.members(NODES);
    return bench;
  });
}

const askFor = (bench: Bench, ...requests: readonly AnnouncementRequest[]): void => {
  for (const each of requests) bench.step({ type: "AnnouncementRequested", request: each });
};
const announcersOf = (bench: Bench): readonly unknown[] =>
  [...bench.state.elections.values()].map(({ announcer }) => announcer);
const byKey = (bench: Bench): ReadonlyMap<string, unknown> =>
  new Map([...bench.state.elections].map(([key, { announcer }]) => [key, announcer]));
const loadsOf = (bench: Bench): readonly number[] =>
  NODES.map((node) => announcersOf(bench).filter((each) => each === node).length);
const thirty = Array.from({ length: 30 }, (_, at) => numbered(at));

describe("services that are spread", () => {
  it("wait until all requests are there, then have the same announcers by every node's decision, ten to a node and one more", () => {
    const [a, b, c] = cluster() as [Bench, Bench, Bench];
    askFor(a, ...thirty);
    askFor(b, ...thirty.toReversed());
    for (const bench of [a, b]) expect(bench.wait(1_000)).toEqual([]);
    for (const bench of [a, b]) bench.step({ type: "RequestsListed" });
    // One node may know that it has all before the requests come.
    c.step({ type: "RequestsListed" });
    askFor(c, ...thirty);
    c.wait(50);
    expect(Math.max(...loadsOf(a))).toBeLessThanOrEqual(11);
    expect(announcersOf(b).toReversed()).toEqual(announcersOf(a));
    expect(announcersOf(c)).toEqual(announcersOf(a));
  });

  it("are decided once when many requests change, 50 ms after the last, and half a second after the first at the latest", () => {
    const bench = new Bench("node-a");
    bench.step({ type: "PeersExpected", count: 0 });
    bench.step({ type: "RequestsListed" });
    askFor(bench, numbered(0));
    expect(bench.wait(49)).toEqual([]);
    askFor(bench, numbered(1));
    expect(bench.wait(49)).toEqual([]);
    expect(bench.wait(1).map(({ type }) => type)).toEqual(["Announce", "Announcing", "Announce", "Announcing"]);
    for (let at = 2; at < 12; at++) {
      askFor(bench, numbered(at));
      expect(bench.wait(49)).toEqual([]);
    }
    askFor(bench, numbered(12));
    expect(bench.wait(10)).toHaveLength(22);
  });

  it("are taken over at once when a node dies, also while a change waits", () => {
    const [, b] = cluster() as [Bench, Bench, Bench];
    askFor(b, ...thirty);
    b.step({ type: "RequestsListed" });
    const before = announcersOf(b);
    askFor(b, numbered(30));
    const effects = b.members(["node-b", "node-c"], [], ["node-a"]);
    expect(effects.filter(({ type }) => type === "Announce").length).toBeGreaterThan(2);
    const after = announcersOf(b);
    for (const [at, node] of before.entries()) if (node !== "node-a") expect(after[at]).toBe(node);
    expect(Math.max(...loadsOf(b))).toBeLessThanOrEqual(16);
    expect(b.wait(1_000)).toEqual([]);
    expect(b.causes.filter(({ reason }) => reason === "NodeDied").length).toBeGreaterThan(2);
  });

  it("go back to a node that returns, by the reason Spread where it takes what another live node had", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    askFor(a, ...thirty);
    a.step({ type: "RequestsListed" });
    const before = announcersOf(a);
    a.members(["node-a"]);
    expect(announcersOf(a).every((node) => node === "node-a")).toBe(true);
    a.members(NODES, ["node-b", "node-c"]);
    expect(announcersOf(a)).toEqual(before);
    // As node c sees it: node c is back after a lost link, and takes its own from those that have it.
    const [, , c] = cluster() as [Bench, Bench, Bench];
    askFor(c, ...thirty);
    c.step({ type: "RequestsListed" });
    c.step({ type: "LinksLost", links: { interfaces: ["eth0"], prefixes: ["10.0.0.0/16" as never] } });
    expect(loadsOf(c)[2]).toBe(0);
    c.step({ type: "LinksLost", links: noLostLinks });
    expect(announcersOf(c)).toEqual(before);
    expect(c.causes.at(-1)?.reason).toBe("Spread");
  });

  it("are decided by hash again where the request says so, without a gap for what stays", () => {
    const bench = new Bench("node-a");
    bench.step({ type: "PeersExpected", count: 0 });
    bench.step({ type: "RequestsListed" });
    askFor(bench, numbered(0));
    bench.wait(50);
    const effects = bench.step({ type: "AnnouncementRequested", request: numbered(0, { spread: false }) });
    expect(effects.map(({ type }) => type)).toEqual(["Announce", "Announcing"]);
    expect(bench.step({ type: "AnnouncementRequested", request: numbered(0) })).toEqual([]);
    expect(bench.wait(50).map(({ type }) => type)).toEqual(["Announce", "Announcing"]);
  });

  it("are spread anew when one of them is decided by hash from now on, or is gone", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    askFor(a, ...thirty);
    a.step({ type: "RequestsListed" });
    const all = new Map(thirty.map((each) => [each.key, each]));
    for (const { key } of thirty.slice(0, 20)) {
      const hashed = { ...(all.get(key) as AnnouncementRequest), spread: false };
      all.set(key, hashed);
      askFor(a, hashed);
      a.wait(50);
      expect(byKey(a)).toEqual(predicted([...all.values()], factsOf(NODES)));
    }
    for (const { key } of thirty.slice(20, 29)) {
      all.delete(key);
      a.step({ type: "AnnouncementWithdrawn", key });
      a.wait(50);
      expect(byKey(a)).toEqual(predicted([...all.values()], factsOf(NODES)));
    }
  });

  it("and are sticky stay with their owner, though its load is above the bound", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    const sticky = thirty.map((each) => ({ ...each, sticky: true }));
    askFor(a, ...sticky);
    a.step({ type: "RequestsListed" });
    expect(announcersOf(a).every((node) => node === undefined)).toBe(true);
    const owned = new Set(sticky.slice(0, 20).map(({ key }) => serviceDigestOf(key)));
    a.step({ type: "ReportReceived", node: "node-b", report: { lostLinks: noLostLinks, owned } });
    // What a node owns is decided before all have reported.
    expect(loadsOf(a)).toEqual([0, 20, 0]);
    a.step({ type: "ReportReceived", node: "node-c", report: { lostLinks: noLostLinks, owned: new Set() } });
    expect(loadsOf(a)[1]).toBe(20);
    expect(loadsOf(a)[0]).toBeLessThanOrEqual(11);
    expect(loadsOf(a)[2]).toBeLessThanOrEqual(11);
  });
});

describe("services that share an address", () => {
  const six = "2001:db8::9" as IpAddress;
  const dual = request({ key: "default/dual", addresses: ["10.0.0.1" as IpAddress, six] });
  const only = request({ key: "default/only", addresses: [six] });

  it.each([false, true])("are announced by one node, spread: %s", (spread) => {
    for (const bench of cluster()) {
      askFor(bench, { ...dual, spread }, { ...only, spread });
      bench.step({ type: "RequestsListed" });
      const [first, second] = announcersOf(bench);
      expect(first).toBe("node-b");
      expect(second).toBe(first);
    }
  });

  it("are announced by one node where only one of them may be announced by all", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    askFor(a, dual);
    expect(announcersOf(a)).toEqual(["node-b"]);
    const local = request().candidates.filter(({ node }) => node !== "node-b");
    askFor(a, { ...only, candidates: local });
    expect(announcersOf(a)).toEqual(["node-a", "node-a"]);
    a.step({ type: "AnnouncementWithdrawn", key: only.key });
    expect(announcersOf(a)).toEqual(["node-b"]);
  });

  it("are announced apart while no live node is a candidate of both", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    const only2 = { ...only, candidates: request().candidates.slice(0, 1) };
    askFor(a, { ...dual, candidates: request().candidates.slice(1) }, only2);
    expect(announcersOf(a)).toEqual(["node-b", "node-a"]);
  });

  it("and are sticky stay with the node that announces one of them", () => {
    const [a] = cluster() as [Bench, Bench, Bench];
    const owned = new Set([serviceDigestOf(dual.key)]);
    a.step({ type: "ReportReceived", node: "node-b", report: { lostLinks: noLostLinks, owned: new Set() } });
    a.step({ type: "ReportReceived", node: "node-c", report: { lostLinks: noLostLinks, owned } });
    askFor(a, { ...dual, sticky: true }, { ...only, sticky: true });
    expect(announcersOf(a)).toEqual(["node-c", "node-c"]);
  });
});
