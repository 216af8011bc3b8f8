import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { EndpointSlice, KubernetesObject, Node, Secret, Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { l2AnnouncementOf, type L2Input } from "./announcements.ts";
import { nodePeers } from "./node-peers.ts";
import { routesOf } from "./routes.ts";
import { isServing } from "./serving.ts";

function object(
  kind: string,
  name: string,
  spec: object = {},
  labels: Record<string, string> = {},
  version = "v1beta1",
): KubernetesObject {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, labels }, spec } as KubernetesObject;
}
const pool = object("IPAddressPool", "p", { addresses: ["192.0.2.0/24", "2001:db8::/64"] }, { tier: "gold" });
const l2 = (name: string, spec: object = {}) => object("L2Advertisement", name, spec);
const bgp = (name: string, spec: object = {}) => object("BGPAdvertisement", name, spec);

function node(name: string, labels: Record<string, string> = {}, networkUnavailable = false): Node {
  const conditions = [{ type: "NetworkUnavailable", status: networkUnavailable ? "True" : "False" }];
  return { metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, status: { conditions } };
}

function service(
  more: { ips?: string[]; annotations?: Record<string, string>; labels?: Record<string, string>; spec?: object } = {},
): Service {
  const { ips = ["192.0.2.10"], annotations = {}, labels = {}, spec = {} } = more;
  return {
    metadata: { name: "web", namespace: "default", annotations, labels },
    spec: { type: "LoadBalancer", ...spec },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

const slice = (...nodeNames: (string | undefined)[]): EndpointSlice => ({
  endpoints: nodeNames.map((nodeName) => ({
    addresses: ["10.0.0.1"],
    ...(nodeName === undefined ? {} : { nodeName }),
  })),
});

const on = (...names: string[]) => [
  { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: names }] },
];
const exclude = "node.kubernetes.io/exclude-from-external-load-balancers";
const nodes = new Map([node("a"), node("b"), node("c")].map((each) => [each.metadata?.name ?? "", each]));

function announce(objects: readonly KubernetesObject[], more: Partial<L2Input> = {}) {
  return l2AnnouncementOf({
    service: service(),
    slices: [slice("a")],
    sharers: [],
    nodes,
    configuration: readConfiguration(objects),
    ignoreExcludeLb: false,
    loadBalancerClass: null,
    ...more,
  });
}
const names = (result: ReturnType<typeof announce>) => result.candidates.map((candidate) => candidate.node);

describe("whether an endpoint serves", () => {
  it.each([
    [{}, true],
    [{ ready: true }, true],
    [{ ready: null }, true],
    [{ ready: false }, false],
    [{ ready: false, serving: true, terminating: true }, true],
    [{ ready: false, serving: false, terminating: true }, false],
    [{ ready: false, serving: null }, false],
  ])("%j: %j", (conditions, serves) => {
    expect(isServing({ addresses: ["10.0.0.1"], conditions })).toBe(serves);
  });
});

describe("who may announce on the segment", () => {
  it("is every node, with one advertisement that says nothing", () => {
    const result = announce([pool, l2("ad")], { service: service({ ips: ["2001:db8::9", "192.0.2.10"] }) });
    expect(result).toMatchObject({
      service: "default/web",
      pool: "p",
      addresses: ["192.0.2.10", "2001:db8::9"],
      electionAddress: "192.0.2.10",
      reason: null,
    });
    expect(result.candidates).toEqual(["a", "b", "c"].map((name) => ({ node: name, score: 0, interfaces: "all" })));
  });

  it.each<{ name: string; objects: KubernetesObject[]; more?: Partial<L2Input>; reason: string }>([
    {
      name: "of another type",
      objects: [pool, l2("ad")],
      more: { service: service({ spec: { type: "ClusterIP" } }) },
      reason: "notLoadBalancer",
    },
    {
      name: "of another class",
      objects: [pool, l2("ad")],
      more: { loadBalancerClass: "x" },
      reason: "loadBalancerClass",
    },
    {
      name: "without an address",
      objects: [pool, l2("ad")],
      more: { service: service({ ips: [] }) },
      reason: "noIPAllocated",
    },
    {
      name: "with what is no address",
      objects: [pool, l2("ad")],
      more: { service: service({ ips: ["x"] }) },
      reason: "invalidIP",
    },
    { name: "with an address of no pool", objects: [l2("ad")], reason: "ipNotAllowed" },
    {
      name: "with an address that its pool never assigns",
      objects: [object("IPAddressPool", "p", { addresses: ["192.0.2.0/24"], avoidBuggyIPs: true }), l2("ad")],
      more: { service: service({ ips: ["192.0.2.255"] }) },
      reason: "ipNotAllowed",
    },
    { name: "without endpoints", objects: [pool, l2("ad")], more: { slices: [] }, reason: "noEndpoints" },
    {
      name: "that no advertisement is for",
      objects: [pool, l2("ad", { ipAddressPools: ["q"] })],
      reason: "noMatchingAdvertisement",
    },
    {
      name: "that is shared, with an advertisement that selects Services",
      objects: [pool, l2("ad", { serviceSelectors: [{ matchLabels: { app: "web" } }] })],
      more: { service: service({ labels: { app: "web" }, annotations: { "metallb.io/allow-shared-ip": "k" } }) },
      reason: "sharedIPWithServiceSelector",
    },
  ])("is nobody for a Service $name", ({ objects, more, reason }) => {
    expect(announce(objects, more ?? {})).toMatchObject({
      reason,
      addresses: [],
      candidates: [],
      electionAddress: null,
    });
  });

  it.each<{
    name: string;
    more: Partial<L2Input>;
    spec?: object;
    candidates: string[];
    rejected: Record<string, string>;
  }>([
    {
      name: "nodes that the advertisement selects",
      more: {},
      spec: { nodeSelectors: on("b") },
      candidates: ["b"],
      rejected: { a: "noMatchingAdvertisement", c: "noMatchingAdvertisement" },
    },
    {
      name: "nodes with an endpoint, when the policy is Local",
      more: { service: service({ spec: { externalTrafficPolicy: "Local" } }), slices: [slice("c"), slice(undefined)] },
      candidates: ["c"],
      rejected: { a: "noLocalEndpoints", b: "noLocalEndpoints" },
    },
    {
      name: "nodes with a network",
      more: {
        nodes: new Map([
          ["a", node("a", {}, true)],
          ["b", node("b")],
        ]),
      },
      candidates: ["b"],
      rejected: { a: "nodeNetworkUnavailable" },
    },
    {
      name: "nodes without the exclude label",
      more: {
        nodes: new Map([
          ["a", node("a", { [exclude]: "" })],
          ["b", node("b")],
        ]),
      },
      candidates: ["b"],
      rejected: { a: "nodeLabeledExcludeBalancers" },
    },
    {
      name: "nodes with the exclude label when that is ignored",
      more: { nodes: new Map([["a", node("a", { [exclude]: "" })]]), ignoreExcludeLb: true },
      candidates: ["a"],
      rejected: {},
    },
  ])("are $name", ({ more, spec = {}, candidates, rejected }) => {
    const result = announce([pool, l2("ad", spec)], more);
    expect(names(result)).toEqual(candidates);
    expect(Object.fromEntries(result.rejected)).toEqual(rejected);
  });

  it("answers on the union of interfaces, and on all where one advertisement names none", () => {
    const some = [
      l2("x", { interfaces: ["eth1"], nodeSelectors: on("a", "b") }),
      l2("y", { interfaces: ["eth0"], nodeSelectors: on("a") }),
    ];
    const all = l2("z", { nodeSelectors: on("b") });
    expect(announce([pool, ...some, all]).candidates).toEqual([
      { node: "a", score: 0, interfaces: ["eth0", "eth1"] },
      { node: "b", score: 0, interfaces: "all" },
    ]);
  });

  it("adds up preferences, over advertisements, where the node is eligible in them", () => {
    const prefers = (weight: number, ...hosts: string[]) => ({
      preferredNodeSelectors: on(...hosts).map((preference) => ({ weight, preference })),
    });
    const result = announce([
      pool,
      l2("x", prefers(10, "a", "b")),
      l2("y", { ...prefers(5, "b", "c"), nodeSelectors: on("b") }),
      l2("z", { ...prefers(50, "c"), serviceSelectors: [{ matchLabels: { app: "other" } }] }),
    ]);
    expect(result.candidates.map(({ node: name, score }) => [name, score])).toEqual([
      ["a", 10],
      ["b", 15],
      ["c", 0],
    ]);
  });

  it("is elected by one address for all that share one", () => {
    const six = service({ ips: ["2001:db8::9"] });
    const both = service({ ips: ["192.0.2.10", "2001:db8::9"] });
    const unrelated = service({ ips: ["192.0.2.1"] });
    expect(announce([pool, l2("ad")], { service: six, sharers: [both, unrelated] }).electionAddress).toBe("192.0.2.10");
    expect(announce([pool, l2("ad")], { service: both, sharers: [six] }).electionAddress).toBe("192.0.2.10");
  });
});

describe("routes of a Service on a node", () => {
  const routes = (objects: readonly KubernetesObject[], more: Partial<Parameters<typeof routesOf>[0]> = {}) =>
    routesOf({
      service: service(),
      slices: [slice("a")],
      node: node("a"),
      configuration: readConfiguration(objects),
      ignoreExcludeLb: false,
      loadBalancerClass: null,
      ...more,
    });

  it("are one for each address and advertisement", () => {
    const dual = service({ ips: ["192.0.2.10", "2001:db8::9"] });
    const wide = bgp("wide", { aggregationLength: 24, aggregationLengthV6: 64, localPref: 200, peers: ["r1"] });
    const tagged = bgp("tagged", { communities: ["64500:2", "64500:1", "large:1:2:3"] });
    expect(routes([pool, wide, tagged], { service: dual }).routes).toEqual([
      { prefix: "192.0.2.10/32", nextHop: "self", peers: "all", ...tags },
      { prefix: "192.0.2.0/24", nextHop: "self", peers: ["r1"], localPref: 200 },
      { prefix: "2001:db8::9/128", nextHop: "self", peers: "all", ...tags },
      { prefix: "2001:db8::/64", nextHop: "self", peers: ["r1"], localPref: 200 },
    ]);
  });
  const tags = {
    communities: [64500 * 65536 + 1, 64500 * 65536 + 2],
    largeCommunities: [{ globalAdministrator: 1, localDataPart1: 2, localDataPart2: 3 }],
  };

  it.each([
    {
      name: "no advertisement for the node",
      spec: { nodeSelectors: on("b") },
      more: {},
      reason: "noMatchingAdvertisement",
    },
    {
      name: "no advertisement for the pool",
      spec: { ipAddressPoolSelectors: [{ matchLabels: { tier: "tin" } }] },
      more: {},
      reason: "noMatchingAdvertisement",
    },
    { name: "no network", spec: {}, more: { node: node("a", {}, true) }, reason: "nodeNetworkUnavailable" },
    {
      name: "the exclude label",
      spec: {},
      more: { node: node("a", { [exclude]: "x" }) },
      reason: "nodeLabeledExcludeBalancers",
    },
    { name: "no endpoint", spec: {}, more: { slices: [] }, reason: "noEndpoints" },
    {
      name: "no local endpoint under policy Local",
      spec: {},
      more: { slices: [slice("b")], service: service({ spec: { externalTrafficPolicy: "Local" } }) },
      reason: "noLocalEndpoints",
    },
  ])("are none with $name", ({ spec, more, reason }) => {
    expect(routes([pool, bgp("ad", spec)], more)).toMatchObject({ routes: [], reason });
  });

  it("come of the older of two advertisements that disagree on localPref", () => {
    const older = {
      ...bgp("z", { localPref: 100 }),
      metadata: { name: "z", creationTimestamp: "2026-01-01T00:00:00Z" },
    };
    const younger = {
      ...bgp("a", { localPref: 200 }),
      metadata: { name: "a", creationTimestamp: "2026-01-02T00:00:00Z" },
    };
    const result = routes([pool, younger, older]);
    expect(result.routes).toMatchObject([{ localPref: 100 }]);
    expect(result.conflicts).toEqual([{ kept: "z", dropped: "a" }]);
    const apart = [bgp("x", { localPref: 100, peers: ["r1"] }), bgp("y", { localPref: 200, peers: ["r2"] })];
    expect(routes([pool, ...apart]).conflicts).toEqual([]);
    const lengths = [bgp("x", { localPref: 100 }), bgp("y", { localPref: 200, aggregationLength: 24 })];
    expect(routes([pool, ...lengths]).conflicts).toEqual([]);
  });
});

describe("peers of a node", () => {
  const base = { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1" };
  let peerPort = 179;
  const peer = (name: string, spec: object) =>
    object("BGPPeer", name, { ...base, peerPort: peerPort++, ...spec }, {}, "v1beta2");
  const secret = (type: string, data: Record<string, string>): Secret => ({ type, data });

  it("are those that select it, with their passwords", () => {
    const configuration = readConfiguration([
      peer("elsewhere", { nodeSelectors: on("b") }),
      peer("plain", { nodeSelectors: on("a") }),
      peer("secret", { passwordSecret: { name: "s" } }),
      peer("word", { password: "x" }),
    ]);
    const { peers, issues } = nodePeers(
      configuration,
      node("a"),
      new Map([["s", secret("kubernetes.io/basic-auth", { password: "c8O8" })]]),
    );
    expect(issues).toEqual([]);
    expect(peers.map(({ name, password }) => [name, password])).toEqual([
      ["plain", undefined],
      ["secret", "sü"],
      ["word", "x"],
    ]);
  });

  it.each([
    { name: "is not there", secrets: new Map(), reason: "not found" },
    {
      name: "is of another type",
      secrets: new Map([["s", secret("Opaque", { password: "eA==" })]]),
      reason: "wrong type",
    },
    { name: "lacks the key", secrets: new Map([["s", secret("kubernetes.io/basic-auth", {})]]), reason: "no such key" },
    {
      name: "is not base64",
      secrets: new Map([["s", secret("kubernetes.io/basic-auth", { password: "!" })]]),
      reason: "not base64 text",
    },
  ])("are without the one whose Secret $name, and the rest stays", ({ secrets, reason }) => {
    const configuration = readConfiguration([peer("p", { passwordSecret: { name: "s" } }), peer("q", {})]);
    const { peers, issues } = nodePeers(configuration, node("a"), secrets);
    expect(peers.map(({ name }) => name)).toEqual(["q"]);
    expect(issues).toMatchObject([
      { object: { name: "p" }, path: "spec.passwordSecret", code: "BadSecret", facts: { reason } },
    ]);
  });
});
