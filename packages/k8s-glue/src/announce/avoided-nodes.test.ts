import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, Node, Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { l2AnnouncementOf } from "./announcements.ts";
import { type AvoidedNodes, isAvoided, noAvoidedNodes } from "./avoided-nodes.ts";

const object = (kind: string, spec: object): KubernetesObject =>
  ({
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name: "a", namespace: "metallb-system" },
    spec,
  }) as KubernetesObject;
const pool = object("IPAddressPool", { addresses: ["192.0.2.0/24"] });
const service: Service = {
  metadata: { name: "web", namespace: "default" },
  spec: { type: "LoadBalancer" },
  status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
};
const node = (name: string, spec: Node["spec"] = {}): Node => ({ metadata: { name }, spec });
const cordoned = { unschedulable: true };
const tainted = { taints: [{ key: "maintenance", value: "soon", effect: "NoSchedule" }] };

/** The announcement where these nodes are there. */
function announcementOf(
  nodes: readonly Node[],
  avoidedNodes: AvoidedNodes,
  advertisement: object = {},
): ReturnType<typeof l2AnnouncementOf> {
  return l2AnnouncementOf({
    service,
    slices: [{ endpoints: [{ addresses: ["10.0.0.1"], nodeName: "a" }] }],
    sharers: [],
    nodes: new Map(nodes.map((each) => [each.metadata?.name ?? "", each])),
    configuration: readConfiguration([pool, object("L2Advertisement", advertisement)]),
    ignoreExcludeLb: false,
    avoidedNodes,
    loadBalancerClass: null,
  });
}

const namesOf = (nodes: readonly Node[], avoidedNodes: AvoidedNodes): readonly string[] =>
  announcementOf(nodes, avoidedNodes).candidates.map((candidate) => candidate.node);

describe("isAvoided", () => {
  it.each([
    { of: "a cordon", spec: cordoned, rule: { cordoned: true, taints: [] }, expected: true },
    { of: "a cordon without the rule", spec: cordoned, rule: { cordoned: false, taints: ["x"] }, expected: false },
    { of: "a taint", spec: tainted, rule: { cordoned: false, taints: ["x", "maintenance"] }, expected: true },
    { of: "another taint", spec: tainted, rule: { cordoned: true, taints: ["x"] }, expected: false },
    { of: "nothing", spec: {}, rule: { cordoned: true, taints: ["x"] }, expected: false },
  ])("of $of: $expected", ({ spec, rule, expected }) => {
    expect(isAvoided(node("a", spec), rule)).toBe(expected);
  });
});

describe("the candidates", () => {
  const rule = { cordoned: true, taints: ["maintenance"] };
  it("have no avoided node among them, and say why", () => {
    const announcement = announcementOf([node("a", cordoned), node("b"), node("c", tainted)], rule);
    expect(announcement.candidates.map((candidate) => candidate.node)).toEqual(["b"]);
    expect([...announcement.rejected]).toEqual([
      ["a", "nodeAvoided"],
      ["c", "nodeAvoided"],
    ]);
  });

  it("are the avoided nodes where there is no other", () => {
    expect(namesOf([node("a", cordoned), node("c", tainted)], rule)).toEqual(["a", "c"]);
  });

  it("are all nodes by MetalLB's rule", () => {
    expect(namesOf([node("a", cordoned), node("b"), node("c", tainted)], noAvoidedNodes)).toEqual(["a", "b", "c"]);
  });

  it("are sticky where an advertisement of the Service is", () => {
    expect(announcementOf([node("a")], noAvoidedNodes).sticky).toBe(false);
    expect(announcementOf([node("a")], noAvoidedNodes, { sticky: true }).sticky).toBe(true);
    expect(announcementOf([node("a")], noAvoidedNodes, { sticky: true, ipAddressPools: ["other"] }).sticky).toBe(false);
  });

  it("are probed, and given up, where an advertisement of the Service says so", () => {
    const of = (spec: object): readonly string[] => {
      const { conflictPolicy, onConflict } = announcementOf([node("a")], noAvoidedNodes, spec);
      return [conflictPolicy, onConflict];
    };
    expect(of({})).toEqual(["Announce", "Defend"]);
    expect(of({ conflictPolicy: "Announce", onConflict: "Defend" })).toEqual(["Announce", "Defend"]);
    expect(of({ conflictPolicy: "Probe", onConflict: "Yield" })).toEqual(["Probe", "Yield"]);
    expect(of({ conflictPolicy: "Probe", ipAddressPools: ["other"] })).toEqual(["Announce", "Defend"]);
  });
});
