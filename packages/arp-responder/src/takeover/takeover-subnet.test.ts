import { type IpAddress, type IpPrefix, prefixContains, prefixOf } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnnouncementCandidate, AnnouncementRequest } from "./announcement-request.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";
import { explainElections } from "./explain-elections.ts";
import { type NodeReport, noLostLinks } from "./node-report.ts";
import { factsOf } from "./onlooker.ts";
import { announcersOf } from "./simulate-loss.ts";
import { ADDRESS, Bench, KEY, NODES, request } from "./takeover.test.fixture.ts";

const OTHER = "198.51.100.1" as IpAddress;
const [HERE, THERE] = [prefixOf(ADDRESS, 24), prefixOf(OTHER, 24)];
const on = (...prefixes: readonly IpPrefix[]): readonly InterfaceSubnets[] => [{ interface: "eth0", prefixes }];
const bySubnet = (changes: Partial<AnnouncementRequest> = {}): AnnouncementRequest =>
  request({
    candidates: NODES.map((node): AnnouncementCandidate => ({ node, score: 0, interfaces: [], onSubnet: "all" })),
    ...changes,
  });
const reportOf = (subnets?: readonly InterfaceSubnets[]): NodeReport => ({
  lostLinks: noLostLinks,
  owned: new Set(),
  ...(subnets !== undefined && { subnets }),
});

/** A machine of a node with its own subnets, to which the others have reported theirs. */
function deciding(
  node: string,
  subnets: Readonly<Record<string, readonly InterfaceSubnets[] | undefined>>,
  wanted: AnnouncementRequest = bySubnet(),
): Bench {
  const bench = new Bench(node);
  bench.step({ type: "InterfacesChanged", names: ["eth0"], subnets: subnets[node] ?? [] });
  bench.step({ type: "AnnouncementRequested", request: wanted });
  bench.step({ type: "PeersExpected", count: NODES.length - 1 });
  bench.members(NODES);
  for (const other of NODES)
    if (other !== node) bench.step({ type: "ReportReceived", node: other, report: reportOf(subnets[other]) });
  bench.wait(1_000);
  return bench;
}
const announcers = (subnets: Parameters<typeof deciding>[1], wanted?: AnnouncementRequest): readonly string[] =>
  NODES.filter((node) => deciding(node, subnets, wanted).announced.size > 0);

// By the hash node-b is the first, then node-a, then node-c.
describe("a service that goes by subnets", () => {
  it("is announced by the first node that has an interface on the subnet", () => {
    expect(announcers({ "node-a": on(HERE), "node-b": on(HERE), "node-c": on(HERE) })).toEqual(["node-b"]);
    expect(announcers({ "node-a": on(HERE), "node-b": on(THERE), "node-c": on(HERE) })).toEqual(["node-a"]);
    expect(announcers({ "node-a": on(), "node-b": undefined, "node-c": on(THERE, HERE) })).toEqual(["node-c"]);
  });

  it("is announced by nobody where no node has one, of which the first tells", () => {
    const subnets = { "node-a": on(), "node-b": on(THERE), "node-c": on() };
    expect(announcers(subnets)).toEqual([]);
    const told = NODES.filter((node) => {
      const bench = deciding(node, subnets);
      const effects = bench.step({ type: "AnnouncementRequested", request: bySubnet() });
      return effects.some((effect) => effect.type === "NotAnnouncing" && effect.offSubnet?.[0] === ADDRESS);
    });
    expect(told).toEqual(["node-b"]);
  });

  it("goes to another node when the address of the interface is gone, and back", () => {
    const subnets = { "node-a": on(HERE), "node-b": on(HERE), "node-c": on() };
    const [a, b] = [deciding("node-a", subnets), deciding("node-b", subnets)];
    const change = (of: readonly InterfaceSubnets[]): void => {
      b.step({ type: "InterfacesChanged", names: ["eth0"], subnets: of });
      b.wait(10);
      const report = b.reports.at(-1);
      if (report !== undefined) a.step({ type: "ReportReceived", node: "node-b", report });
    };
    change(on(THERE));
    expect([a.announced.size, b.announced.size]).toEqual([1, 0]);
    expect(a.causes.at(-1)).toEqual({ reason: "CandidatesChanged", previous: "node-b" });
    change(on(HERE));
    expect([a.announced.size, b.announced.size]).toEqual([0, 1]);
  });

  it("is announced on the interfaces that are on its subnet", () => {
    const bench = new Bench("node-b");
    const subnets = [...on(THERE), { interface: "eth1", prefixes: [HERE] }];
    bench.step({ type: "InterfacesChanged", names: ["eth0", "eth1"], subnets });
    bench.step({ type: "AnnouncementRequested", request: bySubnet() });
    const effects = bench.step({ type: "PeersExpected", count: 0 });
    expect(effects).toContainEqual({
      type: "Announce",
      key: KEY,
      addresses: [ADDRESS],
      interfaces: [],
      onSubnet: "all",
    });
    expect(effects).toContainEqual({ type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: ["eth1"] });
  });

  it("of two addresses prefers a node that has interfaces on both subnets, and else takes one that has one", () => {
    const wanted = bySubnet({ addresses: [ADDRESS, OTHER] });
    expect(announcers({ "node-a": on(HERE), "node-b": on(HERE), "node-c": on(HERE, THERE) }, wanted)).toEqual([
      "node-c",
    ]);
    expect(announcers({ "node-a": on(THERE), "node-b": on(), "node-c": on(HERE) }, wanted)).toEqual(["node-a"]);
  });

  it("that shares an address goes with the other to a node that can serve both, and else each where it can", () => {
    const requests = [
      bySubnet({ key: "default/a", addresses: [ADDRESS] }),
      bySubnet({ key: "default/b", addresses: [OTHER], electionAddress: ADDRESS }),
    ];
    const announcersOfAll = (subnets: Readonly<Record<string, readonly InterfaceSubnets[]>>) => [
      ...announcersOf(requests, { ...factsOf(NODES), subnets: new Map(Object.entries(subnets)) }).values(),
    ];
    expect(announcersOfAll({ "node-b": on(HERE), "node-a": on(THERE), "node-c": on(HERE, THERE) })).toEqual([
      "node-c",
      "node-c",
    ]);
    expect(announcersOfAll({ "node-b": on(HERE), "node-a": on(THERE) })).toEqual(["node-b", "node-a"]);
  });

  it("is not bound to subnets on a node that answers on other interfaces whatever these are on", () => {
    const candidates = NODES.map((node) => ({ node, score: 0, interfaces: ["eth9"], onSubnet: "all" as const }));
    expect(announcers({}, bySubnet({ candidates }))).toEqual(["node-b"]);
  });

  it("heeds the interfaces that are selected", () => {
    const candidates = NODES.map((node) => ({ node, score: 0, interfaces: [], onSubnet: ["eth1"] }));
    const subnets = { "node-a": [{ interface: "eth1", prefixes: [HERE] }], "node-b": on(HERE) };
    expect(announcers(subnets, bySubnet({ candidates }))).toEqual(["node-a"]);
  });

  it("is decided once the reports are there, or have not come in time", () => {
    const bench = new Bench("node-b");
    bench.step({ type: "InterfacesChanged", names: ["eth0"], subnets: on(HERE) });
    bench.step({ type: "AnnouncementRequested", request: bySubnet() });
    bench.step({ type: "PeersExpected", count: 2 });
    bench.members(NODES);
    expect(bench.announced.size).toBe(0);
    bench.wait(500);
    expect(bench.announced.size).toBe(1);
    expect(bench.reports.at(-1)?.subnets).toEqual(on(HERE));
  });

  it("has one announcer without a membership, which may be on another subnet: nodes do not know each other's", () => {
    const announced = NODES.map((node) => {
      const bench = new Bench(node, { hasMembership: false });
      bench.step({ type: "InterfacesChanged", names: ["eth0"], subnets: node === "node-b" ? [] : on(HERE) });
      bench.step({ type: "AnnouncementRequested", request: bySubnet() });
      return bench.step({ type: "NodesListed", nodes: NODES }).filter(({ type }) => type === "Announcing");
    });
    expect(announced).toEqual([[], [{ type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: [] }], []]);
  });

  it("makes no node report its subnets where there is none", () => {
    const bench = new Bench("node-b");
    bench.step({ type: "InterfacesChanged", names: ["eth0"], subnets: on(HERE) });
    bench.step({ type: "AnnouncementRequested", request: request({ sticky: true }) });
    bench.step({ type: "PeersExpected", count: 2 });
    bench.members(NODES);
    bench.wait(1_000);
    expect(bench.reports.length).toBeGreaterThan(0);
    for (const report of bench.reports) expect(report.subnets).toBeUndefined();
  });
});

describe("elections by subnets", () => {
  const subnetsOf = fc.record(
    Object.fromEntries(
      NODES.map((node) => [node, fc.subarray([HERE, THERE]).map((prefixes) => on(...prefixes))] as const),
    ),
    { noNullPrototype: true },
  );
  const requests = fc
    .array(fc.tuple(fc.boolean(), fc.boolean(), fc.subarray([ADDRESS, OTHER], { minLength: 1 })), { maxLength: 5 })
    .map((rows) =>
      rows.map(([spread, sticky, addresses], at) =>
        bySubnet({ key: `default/s${at}`, spread, sticky, addresses, electionAddress: addresses[0] ?? ADDRESS }),
      ),
    );

  it("give each service to one node that can serve it, where there is one; machines and explanations agree", () => {
    fc.assert(
      fc.property(requests, subnetsOf, fc.subarray([...NODES], { minLength: 1 }), (all, subnets, live) => {
        const facts = { ...factsOf(live), subnets: new Map(Object.entries(subnets)) };
        const benches = live.map((node) => {
          const bench = new Bench(node);
          bench.step({ type: "InterfacesChanged", names: ["eth0"], subnets: subnets[node] ?? [] });
          for (const each of all) bench.step({ type: "AnnouncementRequested", request: each });
          bench.step({ type: "RequestsListed" });
          bench.step({ type: "PeersExpected", count: live.length - 1 });
          bench.members(live);
          return bench;
        });
        // Each round every node hears what the others say: by what is sticky one may follow the other.
        for (let round = 0; round < 4; round++)
          for (const bench of benches) {
            bench.wait(1_000);
            for (const other of benches) {
              const report = other.reports.at(-1);
              if (other !== bench && report !== undefined)
                bench.step({ type: "ReportReceived", node: other.config.node, report });
            }
          }
        const expected = announcersOf(all, facts);
        const reaches = (node: string, addresses: readonly IpAddress[]): readonly IpAddress[] =>
          addresses.filter((address) =>
            (subnets[node] ?? []).some(({ prefixes }) => prefixes.some((prefix) => prefixContains(prefix, address))),
          );
        for (const { key, addresses, electionAddress, sticky } of all) {
          const holders = benches.filter(({ announced }) => announced.has(key)).map(({ config }) => config.node);
          const isAlone = all.filter((each) => each.electionAddress === electionAddress).length === 1;
          if (!sticky && isAlone) expect(holders).toEqual([expected.get(key)].filter((node) => node !== null));
          expect(holders.length).toBeLessThanOrEqual(1);
          for (const node of holders) expect(reaches(node, addresses)).not.toEqual([]);
          const able = live.filter((node) => reaches(node, addresses).length > 0);
          if (isAlone) expect(holders.length).toBe(able.length > 0 ? 1 : 0);
        }
        for (const { candidates, announcer, addresses } of explainElections(all, facts))
          for (const { node, verdict } of candidates) {
            if (verdict.reason === "NotOnSubnet") expect(node).not.toBe(announcer);
            if (verdict.reason === "Elected") expect(reaches(node, addresses)).not.toEqual([]);
          }
      }),
      { numRuns: 60 },
    );
  });
});
