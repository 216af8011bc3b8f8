import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { exclude, node, object, on, pool, service, slice } from "./announce-objects.test.fixture.ts";
import { noAvoidedNodes } from "./avoided-nodes.ts";
import { l2AnnouncementOf, type L2Input } from "./announcements.ts";

const l2 = (name: string, spec: object = {}) => object("L2Advertisement", name, spec);
const nodes = new Map([node("a"), node("b"), node("c")].map((each) => [each.metadata?.name ?? "", each]));

function announce(objects: readonly KubernetesObject[], more: Partial<L2Input> = {}) {
  return l2AnnouncementOf({
    service: service(),
    slices: [slice("a")],
    sharers: [],
    nodes,
    configuration: readConfiguration(objects),
    ignoreExcludeLb: false,
    avoidedNodes: noAvoidedNodes,
    loadBalancerClass: null,
    ...more,
  });
}
const names = (result: ReturnType<typeof announce>) => result.candidates.map((candidate) => candidate.node);

describe("who may announce on the segment", () => {
  it("is every node, with one advertisement that says nothing", () => {
    const result = announce([pool, l2("ad")], { service: service({ ips: ["2001:db8::9", "192.0.2.10"] }) });
    expect(result).toMatchObject({
      service: "default/web",
      pool: "p",
      addresses: ["192.0.2.10", "2001:db8::9"],
      elections: [{ addresses: ["192.0.2.10", "2001:db8::9"], electionAddress: "192.0.2.10" }],
      sticky: false,
      spread: false,
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
      elections: [],
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

  it("answers on names and patterns, sorted, and announces by the shortest interval and every form", () => {
    const names = l2("ad", { interfaces: ["b", "a"], refreshInterval: "2m" });
    const patterns = l2("be", {
      interfacePatterns: ["^z", "^y"],
      refreshInterval: "90s",
      arpAnnouncementForm: "Reply",
    });
    const made = announce([pool, names, patterns], {});
    expect(made.candidates[0]?.interfaces).toEqual(["a", "b", { pattern: "^y" }, { pattern: "^z" }]);
    expect(made.cadence).toEqual({ refreshInterval: 90_000, form: "Both" });
    expect(announce([pool, patterns], {}).cadence).toEqual({ refreshInterval: 90_000, form: "Reply" });
    expect(announce([pool, l2("ad")], {}).cadence).toEqual({ refreshInterval: null, form: "Both" });
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
    const electionAddresses = (more: Partial<L2Input>) =>
      announce([pool, l2("ad")], more).elections.map(({ electionAddress }) => electionAddress);
    expect(electionAddresses({ service: six, sharers: [both, unrelated] })).toEqual(["192.0.2.10"]);
    expect(electionAddresses({ service: both, sharers: [six] })).toEqual(["192.0.2.10"]);
  });
});
