import type { InformerHandler } from "@herald-lb/k8s-glue/client";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, Node, Service } from "@herald-lb/k8s-glue/objects";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { Caches } from "./caches.ts";
import { ClusterChanges } from "./cluster-changes.ts";

const object = (kind: string, name: string, spec: object): KubernetesObject =>
  ({
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name, namespace: "metallb-system", uid: name, generation: 1 },
    spec,
  }) as KubernetesObject;
const configuration = readConfiguration([
  object("IPAddressPool", "everywhere", { addresses: ["198.51.100.0/24"] }),
  object("IPAddressPool", "racked", { addresses: ["203.0.113.0/24"] }),
  object("L2Advertisement", "everywhere", { ipAddressPools: ["everywhere"] }),
  object("L2Advertisement", "racked", {
    ipAddressPools: ["racked"],
    nodeSelectors: [{ matchLabels: { rack: "one" } }],
  }),
]);
const service = (name: string, ip: string): Service => ({
  metadata: { namespace: "default", name, uid: name },
  spec: { type: "LoadBalancer" },
  status: { loadBalancer: { ingress: [{ ip }] } },
});
const node = (name: string, labels: Record<string, string> = {}): Node => ({ metadata: { name, labels } });

/** A cache without an API server: a test calls its handlers. */
function fakeInformer<T extends KubernetesObject>(
  objects: readonly T[],
): {
  readonly store: { keys: () => string[]; list: () => readonly T[] };
  readonly addHandler: (handler: InformerHandler<T>) => void;
  readonly handlers: InformerHandler<T>[];
} {
  const handlers: InformerHandler<T>[] = [];
  const keys = (): string[] => objects.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
  return { store: { keys, list: () => objects }, addHandler: (handler) => void handlers.push(handler), handlers };
}

function createBench(): {
  readonly log: string[];
  readonly changes: ClusterChanges;
  readonly nodes: InformerHandler<Node>;
  readonly turn: () => void;
  readonly changeConfiguration: () => void;
} {
  const clock = createVirtualClock();
  const log: string[] = [];
  const nodes = fakeInformer<Node>([]);
  let changeConfiguration = (): void => {};
  const caches = {
    services: fakeInformer([service("web", "198.51.100.1"), service("racked", "203.0.113.1")]),
    slices: fakeInformer([]),
    secrets: fakeInformer([]),
    nodes,
    pods: null,
    sharersOf: () => [],
  } as unknown as Caches;
  const changes = new ClusterChanges({
    clock,
    node: "own",
    caches,
    configuration: { current: () => configuration, onChange: (changed) => (changeConfiguration = changed) },
    ignoreExcludeLb: false,
    avoidedNodes: { cordoned: true, taints: [] },
    loadBalancerClass: null,
    reconcile: (key) => void log.push(key),
    flush: () => void log.push("flush"),
    configurePeers: () => void log.push("peers"),
    onNodes: () => void log.push("nodes"),
    onPods: () => void log.push("pods"),
  });
  return {
    log,
    changes,
    nodes: nodes.handlers[0] as InformerHandler<Node>,
    turn: () => clock.advanceBy(0),
    changeConfiguration: () => changeConfiguration(),
  };
}

describe("ClusterChanges", () => {
  it("reacts to nothing before it is started, then reconciles everything before the peers", () => {
    const { log, changes, nodes, turn, changeConfiguration } = createBench();
    nodes.onAdd?.("own", node("own"));
    changeConfiguration();
    turn();
    expect(log).toEqual([]);
    changes.start();
    expect(log).toEqual(["default/web", "default/racked", "flush", "peers"]);
  });

  it.each([
    { name: "a label that no selector reads", before: node("n", { a: "1" }), now: node("n", { a: "2" }), told: [] },
    {
      name: "a label that one advertisement selects by",
      before: node("n"),
      now: node("n", { rack: "one" }),
      told: ["default/racked", "flush"],
    },
    {
      name: "a label of the own node, which may select peers",
      before: node("own"),
      now: node("own", { a: "1" }),
      told: ["peers", "flush"],
    },
    {
      name: "the exclusion from load balancers",
      before: node("n", { rack: "one" }),
      now: node("n", { rack: "one", "node.kubernetes.io/exclude-from-external-load-balancers": "" }),
      told: ["default/web", "default/racked", "flush"],
    },
  ])("reconciles what a change of a Node concerns: $name", ({ before, now, told }) => {
    const { log, changes, nodes, turn } = createBench();
    changes.start();
    log.length = 0;
    nodes.onUpdate?.("key", now, before);
    turn();
    expect(log).toEqual(told);
  });

  it("tells of a Node that comes or goes", () => {
    const { log, changes, nodes, turn } = createBench();
    changes.start();
    log.length = 0;
    nodes.onAdd?.("n", node("n"));
    nodes.onDelete?.("n", node("n"));
    turn();
    expect(log).toEqual(["nodes", "nodes", "default/web", "flush"]);
  });

  it("reconciles everything after a change of the configuration, the peers last", () => {
    const { log, changes, turn, changeConfiguration } = createBench();
    changes.start();
    log.length = 0;
    changeConfiguration();
    changeConfiguration();
    turn();
    expect(log).toEqual(["default/web", "default/racked", "peers", "flush"]);
    changes.stop();
    changeConfiguration();
    turn();
    expect(log).toHaveLength(4);
  });
});
