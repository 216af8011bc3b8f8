import { type MacAddress, prefixOf } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { factsOf } from "./onlooker.ts";
import { explainElections } from "./explain-elections.ts";
import { simulateLoss } from "./simulate-loss.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import { ADDRESS, type Answer, Bench, KEY, NODES, request } from "./takeover.test.fixture.ts";

type Announce = Extract<TakeoverEffect, { type: "Announce" }>;

const shared = (changes: Partial<AnnouncementRequest> = {}): AnnouncementRequest =>
  request({ loadSharing: { rebalance: false }, ...changes });
/** A node that decides, with all nodes live. */
function deciding(node: string, one: AnnouncementRequest = shared()): { bench: Bench; effects: readonly Answer[] } {
  const bench = new Bench(node);
  bench.step({ type: "AnnouncementRequested", request: one });
  bench.step({ type: "PeersExpected", count: 2 });
  return { bench, effects: bench.members(NODES) };
}
const announceOf = (effects: readonly Answer[]): Announce | undefined =>
  effects.find((effect): effect is Announce => effect.type === "Announce");
/** The nodes that divide the clients, as the responder is told. */
const nodesOf = (effects: readonly Answer[]): readonly string[] | undefined =>
  announceOf(effects)?.sharing?.shares.nodes;
const MAC = "02:00:5e:00:53:02" as MacAddress;

describe("a service that every node serves", () => {
  it.each(NODES)("is served by %s, which knows by whom else", (node) => {
    const { bench, effects } = deciding(node);
    expect(announceOf(effects)?.sharing).toMatchObject({ node, rebalance: false });
    expect(nodesOf(effects)).toEqual(NODES);
    expect(effects).toContainEqual({
      type: "Announcing",
      key: KEY,
      addresses: [ADDRESS],
      interfaces: null,
      sharedBy: NODES,
    });
    expect(bench.causes).toEqual([{ reason: "LoadSharing", previous: null }]);
  });

  it("is divided anew when a node dies, and when one joins, also one that was there without a break", () => {
    const { bench } = deciding("node-a");
    const died = bench.members(["node-a", "node-b"], [], ["node-c"]);
    expect(nodesOf(died)).toEqual(["node-a", "node-b"]);
    expect(died.map(({ type }) => type)).toEqual(["Announce", "Announcing"]);
    const back = announceOf(bench.members(NODES, ["node-c"]))?.sharing;
    expect(back?.joins.get("node-c")).toBe(1);
    expect(announceOf(bench.members(NODES, ["node-c"]))?.sharing?.joins.get("node-c")).toBe(2);
    // What changes nothing has no effect.
    expect(bench.members(NODES)).toEqual([]);
  });

  it("is the same for every node: who decides by the same facts has the same division", () => {
    const divisions = NODES.map((node) => announceOf(deciding(node).effects)?.sharing?.shares.byBucket);
    expect(divisions[1]).toEqual(divisions[0]);
    expect(divisions[2]).toEqual(divisions[0]);
  });

  it("is served by the nodes with the highest score that live, and by others when none of these does", () => {
    const candidates = NODES.map((node) => ({ node, score: node === "node-c" ? 0 : 10, interfaces: "all" as const }));
    const { bench, effects } = deciding("node-a", shared({ candidates }));
    expect(nodesOf(effects)).toEqual(["node-a", "node-b"]);
    expect(deciding("node-c", shared({ candidates })).effects).toContainEqual({
      type: "NotAnnouncing",
      key: KEY,
      to: "node-a",
    });
    const last = deciding("node-c", shared({ candidates })).bench;
    expect(nodesOf(last.members(["node-c"], [], ["node-a", "node-b"]))).toEqual(["node-c"]);
    expect(nodesOf(bench.members(["node-a", "node-c"], [], ["node-b"]))).toEqual(["node-a"]);
  });

  it("is left at once by a node whose link to it is lost, while others have theirs", () => {
    const { bench } = deciding("node-a");
    const links = { interfaces: ["eth0"], prefixes: [prefixOf(ADDRESS, 24)] };
    expect(bench.step({ type: "LinksLost", links })).toEqual([
      { type: "Withdraw", key: KEY },
      { type: "NotAnnouncing", key: KEY, to: "node-b" },
    ]);
    const other = deciding("node-b").bench;
    const report = { lostLinks: links, owned: new Set<string>() };
    expect(nodesOf(other.step({ type: "ReportReceived", node: "node-a", report }))).toEqual(["node-b", "node-c"]);
  });

  it("is silent after a pause until the others have spoken, like one that announces alone", () => {
    const { bench } = deciding("node-a");
    expect(bench.step({ type: "PauseNoticed" })).toEqual([{ type: "BeginSilence" }, { type: "ConfirmMembership" }]);
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([{ type: "EndSilence" }]);
  });

  it("is not announced again to all when others may have answered beside this node", () => {
    const { bench } = deciding("node-a");
    expect(bench.step({ type: "DeathRefuted" })).toEqual([]);
  });

  it("goes to one node when it is to be shared no longer, and from it when it is", () => {
    const { bench } = deciding("node-b");
    const alone = bench.step({ type: "AnnouncementRequested", request: request() });
    expect(announceOf(alone)).toMatchObject({ key: KEY });
    expect(announceOf(alone)).not.toHaveProperty("sharing");
    const other = deciding("node-a").bench;
    // Without a wait for an announcement of the one: its own clients are told by that.
    expect(other.step({ type: "AnnouncementRequested", request: request() })).toEqual([
      { type: "Withdraw", key: KEY },
      { type: "NotAnnouncing", key: KEY, to: "node-b" },
    ]);
    expect(nodesOf(other.step({ type: "AnnouncementRequested", request: shared() }))).toEqual(NODES);
  });

  it("is served together where it shares an address with one that is not", () => {
    const { bench } = deciding("node-a");
    const effects = bench.step({
      type: "AnnouncementRequested",
      request: request({ key: "default/other", spread: true }),
    });
    expect(nodesOf(effects)).toEqual(NODES);
  });

  it("has its nodes report their hardware addresses", () => {
    const { bench } = deciding("node-a");
    bench.step({ type: "InterfacesChanged", names: ["eth0"], hardwareAddresses: [MAC] });
    bench.wait(100);
    expect(bench.reports.at(-1)?.segment).toEqual({ hardwareAddresses: [MAC], tentative: new Set() });
  });

  it("is announced by one node where there is no membership, by which nodes would know who lives", () => {
    const bench = new Bench("node-b", { hasMembership: false });
    bench.step({ type: "AnnouncementRequested", request: shared() });
    const effects = bench.step({ type: "NodesListed", nodes: NODES });
    expect(announceOf(effects)).not.toHaveProperty("sharing");
  });
});

describe("what is said of a service that every node serves", () => {
  it("names each node that serves, and why another does not", () => {
    const candidates = NODES.map((node) => ({ node, score: node === "node-a" ? 0 : 1, interfaces: "all" as const }));
    const [said] = explainElections([shared({ candidates })], factsOf(["node-a", "node-b"]));
    expect(said).toMatchObject({ announcer: null, sharedBy: ["node-b"] });
    expect(said?.candidates.map(({ node, verdict }) => [node, verdict.reason]).toSorted()).toEqual([
      ["node-a", "LowerScore"],
      ["node-b", "Serves"],
      ["node-c", "NotLive"],
    ]);
  });

  it("has no takeover when nodes go down, but fewer nodes, and the address on each", () => {
    const requests = [
      shared(),
      request({ key: "default/one", addresses: ["10.0.0.2" as never], electionAddress: "10.0.0.2" as never }),
    ];
    const { takeovers, redivisions, loads } = simulateLoss(requests, factsOf(NODES), new Set(["node-a"]));
    expect(takeovers).toEqual([]);
    expect(redivisions).toEqual([{ key: KEY, addresses: [ADDRESS], lost: ["node-a"], left: ["node-b", "node-c"] }]);
    expect(loads).toEqual([
      { node: "node-a", before: 1, after: 0 },
      { node: "node-b", before: 2, after: 2 },
      { node: "node-c", before: 1, after: 1 },
    ]);
    expect(simulateLoss([shared()], factsOf(NODES), new Set(NODES)).redivisions).toMatchObject([
      { lost: NODES, left: [] },
    ]);
  });
});
