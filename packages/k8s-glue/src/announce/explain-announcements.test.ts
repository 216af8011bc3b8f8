import { type ElectionFacts, factsOf } from "@herald-lb/arp-responder";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { exclude, node, object, on, pool, service, slice } from "./announce-objects.test.fixture.ts";
import { type L2Announcement, l2AnnouncementOf, type L2Input } from "./announcements.ts";
import { noAvoidedNodes } from "./avoided-nodes.ts";
import { explainAnnouncements } from "./explain-announcements.ts";
import { formatExplanation } from "./format-explanation.ts";
import { formatSimulation, simulateNodesDown } from "./simulate-nodes-down.ts";

const NODES = ["node-a", "node-b", "node-c"];
const nodes = new Map(
  [...NODES.map((name) => node(name)), node("node-d", { [exclude]: "" })].map((each) => [
    each.metadata?.name ?? "",
    each,
  ]),
);

function announcement(spec: object = {}, more: Partial<L2Input> = {}): L2Announcement {
  return l2AnnouncementOf({
    service: service({ ips: ["10.0.0.1"] }),
    slices: [slice("node-a")],
    sharers: [],
    nodes,
    configuration: readConfiguration([
      pool,
      object("IPAddressPool", "ten", { addresses: ["10.0.0.0/24", "2001:db8:1::/64"] }),
      object("L2Advertisement", "ad", spec),
    ]),
    ignoreExcludeLb: false,
    avoidedNodes: noAvoidedNodes,
    loadBalancerClass: null,
    ...more,
  });
}
const text = (announcements: readonly L2Announcement[], facts: ElectionFacts = factsOf(NODES)): string =>
  explainAnnouncements(announcements, facts).map(formatExplanation).join("\n");
const named = (name: string, ips: string[], spec: object = {}): L2Announcement => {
  const { metadata, ...rest } = service({ ips });
  return announcement(spec, { service: { ...rest, metadata: { ...metadata, name } } });
};

describe("the explanation of a Service", () => {
  it("names the nodes that have no interface on the subnet, where that counts", () => {
    const all = [announcement({ interfaceSelection: "Subnet" })];
    const subnets = new Map([["node-c", [{ interface: "eth0", prefixes: ["10.0.0.0/24" as IpPrefix] }]]]);
    expect(text(all, { ...factsOf(NODES), subnets })).toBe(
      [
        "default/web, pool ten",
        "  10.0.0.1: node-c",
        "    node-b  has no interface on the subnet of the addresses",
        "    node-a  has no interface on the subnet of the addresses",
        "    node-c  announces",
        "    node-d  no candidate: nodeLabeledExcludeBalancers",
      ].join("\n"),
    );
    expect(text(all)).toContain("10.0.0.1: no live candidate has an interface on the subnet");
  });

  it("has every node with its reason, as values and as text", () => {
    const [explanation] = explainAnnouncements([announcement()], factsOf(["node-a", "node-b"]));
    expect(explanation).toEqual({
      service: "default/web",
      pool: "ten",
      reason: null,
      elections: [
        {
          key: "default/web",
          addresses: ["10.0.0.1"],
          electionAddress: "10.0.0.1",
          sticky: false,
          spread: false,
          announcer: "node-b",
          sharedBy: null,
          home: null,
          candidates: [
            { node: "node-b", score: 0, verdict: { reason: "Elected" } },
            { node: "node-a", score: 0, verdict: { reason: "LaterHash" } },
            { node: "node-c", score: 0, verdict: { reason: "NotLive" } },
          ],
        },
      ],
      rejected: new Map([["node-d", "nodeLabeledExcludeBalancers"]]),
    });
    expect(text([announcement()], factsOf(["node-a", "node-b"]))).toBe(
      [
        "default/web, pool ten",
        "  10.0.0.1: node-b",
        "    node-b  announces",
        "    node-a  has a later hash",
        "    node-c  does not live",
        "    node-d  no candidate: nodeLabeledExcludeBalancers",
      ].join("\n"),
    );
  });

  it.each<{ name: string; announcements: L2Announcement[]; facts?: Partial<ElectionFacts>; says: string[] }>([
    {
      name: "a preferred node",
      announcements: [announcement({ preferredNodeSelectors: [{ weight: 7, preference: on("node-c")[0] }] })],
      says: ["10.0.0.1: node-c", "node-c  score 7  announces", "node-b           has a lower score"],
    },
    {
      name: "a lost link",
      announcements: [announcement()],
      facts: { lostLinks: new Map([["node-b", { interfaces: ["eth0"], prefixes: ["10.0.0.0/24" as IpPrefix] }]]) },
      says: ["10.0.0.1: node-a", "node-b  has lost its link to the addresses"],
    },
    {
      name: "an owner",
      announcements: [announcement({ sticky: true })],
      facts: { announcers: new Map([["default/web", "node-c"]]) },
      says: ["10.0.0.1: node-c, sticky", "node-b  stands before the announcer, which keeps the addresses: sticky"],
    },
    {
      name: "an announcer that is none where the Service is not sticky",
      announcements: [announcement()],
      facts: { announcers: new Map([["default/web", "node-c"]]) },
      says: ["10.0.0.1: node-b"],
    },
    {
      name: "families apart",
      announcements: [named("both", ["10.0.0.1", "2001:db8:1::10"], { electionScope: "IPFamily" })],
      says: ["10.0.0.1: node-b", "2001:db8:1::10: "],
    },
    {
      name: "an address that another Service holds as well",
      announcements: [
        announcement(
          {},
          {
            service: service({ ips: ["2001:db8:1::10"] }),
            sharers: [service({ ips: ["10.0.0.1", "2001:db8:1::10"] })],
          },
        ),
      ],
      says: ["2001:db8:1::10: node-b, elected by 10.0.0.1, since the address is shared"],
    },
    {
      name: "that every node serves",
      announcements: [named("web", ["10.0.0.1"], { loadSharing: "PerClient" })],
      facts: { live: new Set(["node-a", "node-c"]) },
      says: ["10.0.0.1: node-a, node-c, each for its part of the clients", "node-a  serves", "node-b  does not live"],
    },
    {
      name: "no live candidate",
      announcements: [announcement()],
      facts: { live: new Set(["node-d"]) },
      says: ["10.0.0.1: no candidate lives", "node-a  does not live"],
    },
    {
      name: "no candidate",
      announcements: [announcement({ nodeSelectors: on("node-z") })],
      says: ["no node is a candidate", "node-a  no candidate: noMatchingAdvertisement"],
    },
    {
      name: "no endpoint",
      announcements: [announcement({}, { slices: [] })],
      says: ["no node may announce it: noEndpoints"],
    },
  ])("names $name", ({ announcements, facts = {}, says }) => {
    const said = text(announcements, { ...factsOf(NODES), ...facts });
    for (const part of says) expect(said).toContain(part);
  });

  it("names the load where the spread gives a Service to a later node, and the home of one that is away", () => {
    const spread = Array.from({ length: 20 }, (_, at) =>
      named(`s${at}`, [`10.0.0.${at + 1}`], { addressDistribution: "Spread" }),
    );
    expect(text(spread)).toContain("holds 7, and may hold 7");
    expect(text(spread, factsOf(["node-a", "node-c"]))).toContain(
      "node-b  does not live; has the addresses back when it can serve",
    );
  });
});

describe("the simulation of nodes that go down", () => {
  it("has each takeover, and the addresses of each node before and after", () => {
    const services = [
      named("one", ["10.0.0.1"]),
      named("two", ["10.0.0.2", "2001:db8:1::2"]),
      named("three", ["10.0.0.1"]),
    ];
    const simulation = simulateNodesDown(services, factsOf(NODES), ["node-b"]);
    expect(simulation.takeovers).toMatchObject([
      { service: "default/one", addresses: ["10.0.0.1"], from: "node-b", to: "node-a", reason: "NodeDown" },
      { service: "default/two", addresses: ["10.0.0.2", "2001:db8:1::2"], from: "node-b", to: "node-c" },
      { service: "default/three", addresses: ["10.0.0.1"], from: "node-b", to: "node-a" },
    ]);
    expect(formatSimulation(simulation)).toBe(
      [
        "takeovers: 3",
        "  default/one 10.0.0.1: node-b -> node-a",
        "  default/two 10.0.0.2, 2001:db8:1::2: node-b -> node-c",
        "  default/three 10.0.0.1: node-b -> node-a",
        "addresses of each node:",
        "  node-a: 0 -> 1",
        "  node-b: 3 -> 0",
        "  node-c: 0 -> 2",
      ].join("\n"),
    );
    expect(formatSimulation(simulateNodesDown(services.slice(0, 1), factsOf(["node-b"]), ["node-b"]))).toContain(
      "default/one 10.0.0.1: node-b -> nobody",
    );
  });

  it("has the Services that every node serves, with the nodes that are left to them", () => {
    const services = [named("one", ["10.0.0.1"], { loadSharing: "PerClient" })];
    const simulation = simulateNodesDown(services, factsOf(NODES), ["node-b"]);
    expect(simulation.redivisions).toMatchObject([
      { service: "default/one", lost: ["node-b"], left: ["node-a", "node-c"] },
    ]);
    expect(formatSimulation(simulation)).toBe(
      [
        "takeovers: 0",
        "clients divided anew: 1",
        "  default/one 10.0.0.1: clients of node-b -> node-a, node-c",
        "addresses of each node:",
        "  node-a: 1 -> 1",
        "  node-b: 1 -> 0",
        "  node-c: 1 -> 1",
      ].join("\n"),
    );
    expect(formatSimulation(simulateNodesDown(services, factsOf(NODES), NODES))).toContain("node-c -> nobody");
  });

  it("leaves a sticky Service on its node, and takes it from there", () => {
    const sticky = named("one", ["10.0.0.1"], { sticky: true });
    const facts = { ...factsOf(NODES), announcers: new Map([["default/one", "node-c"]]) };
    expect(simulateNodesDown([sticky], facts, ["node-b"]).takeovers).toEqual([]);
    expect(simulateNodesDown([sticky], facts, ["node-c"]).takeovers).toMatchObject([{ from: "node-c", to: "node-b" }]);
  });
});
