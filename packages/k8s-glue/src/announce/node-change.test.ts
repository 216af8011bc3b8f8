import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { EndpointSlice, KubernetesObject, Node, Service } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { l2AnnouncementOf } from "./announcements.ts";
import { type NodeChange, servicesConcernedBy } from "./node-change.ts";
import { routesOf } from "./routes.ts";

function object(kind: string, name: string, spec: object, labels: Record<string, string> = {}): KubernetesObject {
  const metadata = { name, namespace: "metallb-system", labels };
  return { apiVersion: "metallb.io/v1beta1", kind, metadata, spec } as KubernetesObject;
}

const pools = [
  object("IPAddressPool", "gold", { addresses: ["192.0.2.0/25"] }),
  object("IPAddressPool", "silver", { addresses: ["192.0.2.128/25"] }),
];
const gold: Service = serviceOf("gold", "192.0.2.1", {});
const silver: Service = serviceOf("silver", "192.0.2.129", { tier: "web" });
const without: Service = { ...gold, metadata: { name: "without", namespace: "default" }, status: {} };
const services = [gold, silver, without];

function serviceOf(name: string, ip: string, labels: Record<string, string>): Service {
  return {
    metadata: { name, namespace: "default", labels },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: [{ ip }] } },
  };
}

function node(labels: Record<string, string>, networkUnavailable = false, spec: Node["spec"] = {}): Node {
  const conditions = [
    { type: "Ready", status: "True" },
    { type: "NetworkUnavailable", status: networkUnavailable ? "True" : "False" },
  ];
  return { metadata: { name: "n", labels }, spec, status: { conditions } };
}

function changeOf(objects: readonly KubernetesObject[], part: Partial<NodeChange>): NodeChange {
  return {
    before: node({}),
    now: node({}),
    isOwnNode: false,
    configuration: readConfiguration([...pools, ...objects]),
    ignoreExcludeLb: false,
    avoidedNodes: { cordoned: true, taints: ["maintenance"] },
    loadBalancerClass: null,
    ...part,
  };
}

/** The names of the Services that a change concerns; null for none. */
function concerned(change: NodeChange): readonly (string | undefined)[] | null {
  const concerns = servicesConcernedBy(change);
  return concerns === null ? null : services.filter(concerns).map(({ metadata }) => metadata?.name);
}

const rack = [{ matchLabels: { rack: "1" } }];
const excluded = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
const l2 = (spec: object = {}): KubernetesObject => object("L2Advertisement", "ad", spec);
const bgp = (spec: object = {}): KubernetesObject => object("BGPAdvertisement", "ad", spec);
const preferred = { preferredNodeSelectors: [{ weight: 5, preference: { matchLabels: { rack: "1" } } }] };

describe("the Services that a change of a Node concerns", () => {
  it.each<{ name: string; objects: KubernetesObject[]; change: Partial<NodeChange>; expected: string[] | null }>([
    { name: "nothing changed", objects: [l2()], change: {}, expected: null },
    { name: "a label that nothing selects by", objects: [l2()], change: { now: node({ rack: "1" }) }, expected: null },
    {
      name: "a label that the advertisement of one pool selects by",
      objects: [l2({ ipAddressPools: ["gold"], nodeSelectors: rack })],
      change: { now: node({ rack: "1" }) },
      expected: ["gold"],
    },
    {
      name: "a label that an advertisement of some Services selects by",
      objects: [l2({ serviceSelectors: [{ matchLabels: { tier: "web" } }], nodeSelectors: rack })],
      change: { now: node({ rack: "1" }) },
      expected: ["silver"],
    },
    {
      name: "a label that an advertisement prefers",
      objects: [l2(preferred)],
      change: { before: node({ rack: "1" }) },
      expected: ["gold", "silver"],
    },
    { name: "a new Node", objects: [l2()], change: { before: null }, expected: ["gold", "silver"] },
    { name: "a deleted Node", objects: [l2()], change: { now: null }, expected: ["gold", "silver"] },
    {
      name: "a new Node that no advertisement selects",
      objects: [l2({ nodeSelectors: rack })],
      change: { before: null },
      expected: null,
    },
    { name: "a network that is gone", objects: [l2()], change: { now: node({}, true) }, expected: ["gold", "silver"] },
    { name: "the exclusion label", objects: [l2()], change: { now: node(excluded) }, expected: ["gold", "silver"] },
    {
      name: "the exclusion label where it is ignored",
      objects: [l2()],
      change: { now: node(excluded), ignoreExcludeLb: true },
      expected: null,
    },
    {
      name: "routes, on this speaker's own node",
      objects: [bgp({ ipAddressPools: ["silver"], nodeSelectors: rack })],
      change: { now: node({ rack: "1" }), isOwnNode: true },
      expected: ["silver"],
    },
    {
      name: "routes, on another node",
      objects: [bgp({ nodeSelectors: rack })],
      change: { now: node({ rack: "1" }) },
      expected: null,
    },
  ])("with $name", ({ objects, change, expected }) => {
    expect(concerned(changeOf(objects, change))).toEqual(expected);
  });

  it("are all whose candidates or routes differ", () => {
    const labels = fc.record(
      { rack: fc.constantFrom("1", "2"), zone: fc.constantFrom("a", "b") },
      { requiredKeys: [], noNullPrototype: true },
    ) as fc.Arbitrary<Record<string, string>>;
    const selectors = fc.array(fc.record({ matchLabels: labels }, { noNullPrototype: true }), { maxLength: 2 });
    const scope = {
      ipAddressPools: fc.subarray(["gold", "silver"]),
      nodeSelectors: selectors,
      serviceSelectors: fc.subarray([{ matchLabels: { tier: "web" } }, { matchLabels: { tier: "db" } }]),
    };
    const preference = fc.record({ weight: fc.integer({ min: 1, max: 3 }), preference: labels.map(matchingLabels) });
    const l2Spec = fc.record({ ...scope, preferredNodeSelectors: fc.array(preference, { maxLength: 2 }) });
    const advertisements = fc.array(
      fc.oneof(
        l2Spec.map((spec) => ({ kind: "L2Advertisement", spec })),
        fc
          .record({ ...scope, gracefulShutdownTime: fc.constantFrom(undefined, "10s") })
          .map((spec) => ({ kind: "BGPAdvertisement", spec })),
      ),
      { maxLength: 4 },
    );
    const anyNode = fc.option(
      fc
        .tuple(labels, fc.boolean(), fc.boolean(), fc.boolean())
        .map(([own, out, cut, unschedulable]) => node(out ? { ...own, ...excluded } : own, cut, { unschedulable })),
    );
    fc.assert(
      fc.property(advertisements, anyNode, anyNode, fc.boolean(), (list, before, now, isOwnNode) => {
        const objects = list.map(({ kind, spec }, at) => object(kind, `ad${at}`, spec));
        const change = changeOf(objects, { before, now, isOwnNode });
        const concerns = servicesConcernedBy(change) ?? (() => false);
        for (const service of services) {
          if (concerns(service)) continue;
          expect(announced(service, change, now)).toEqual(announced(service, change, before));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function matchingLabels(matchLabels: Record<string, string>): object {
  return { matchLabels };
}

const slices: readonly EndpointSlice[] = [{ endpoints: [{ addresses: ["10.0.0.1"], nodeName: "n" }] }];

/** The announcement and the routes of a Service while the Node is in a state. */
function announced(service: Service, change: NodeChange, state: Node | null): object {
  const { configuration, ignoreExcludeLb, avoidedNodes, loadBalancerClass, isOwnNode } = change;
  const common = { service, slices, configuration, ignoreExcludeLb, loadBalancerClass };
  const nodes = new Map([["other", node({})], ...(state === null ? [] : [["n", state] as const])]);
  const { addresses, elections, candidates } = l2AnnouncementOf({
    ...common,
    avoidedNodes,
    sharers: [],
    nodes,
  });
  const routes = !isOwnNode || state === null ? [] : routesOf({ ...common, node: state, excludedFor: 0 }).routes;
  return candidates.length === 0 ? { routes } : { addresses, elections, candidates, routes };
}
