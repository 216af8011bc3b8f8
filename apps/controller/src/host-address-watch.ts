import { CONFIGURATION_STATES, type Logger } from "@herald-lb/daemon";
import {
  createInformer,
  createTransform,
  identityFields,
  type Informer,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import { gatewaysOf, type HostAddresses } from "@herald-lb/k8s-glue/metallb";
import { type KubernetesObject, type Node, NODES } from "@herald-lb/k8s-glue/objects";
import { type Clock, deepEqual, instant } from "@herald-lb/sansio";
import { nodeAddressesOf, partOfNode } from "./node-addresses.ts";

/** The longest that a start waits for the Nodes, in milliseconds. The RBAC of MetalLB's manifests does not let the controller list them. */
const NODES_TIMEOUT = 5_000;

/** The parts that the watch works with. */
export interface HostAddressWatchOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly policy: HostAddresses["policy"];
  /** Called when an address has changed, also by the first lists. */
  readonly onChange: () => void;
  readonly log: Logger;
}

/**
 * Follows the addresses of hosts, which pools should not span: those of Nodes, and the default routers that the ConfigurationStates of
 * speakers name. Addresses are given out without them as well, so that a cluster without the rights or the kind is served.
 */
export class HostAddressWatch {
  readonly #options: HostAddressWatchOptions;
  readonly #nodes: Informer<Node>;
  readonly #states: Informer<KubernetesObject>;

  constructor(options: HostAddressWatchOptions) {
    this.#options = options;
    const { transport, clock, namespace, onChange, log } = options;
    const common = { transport, clock, random: Math.random };
    const quietly = (resource: string) => (failure: string) => log.debug({ resource, failure }, "not followed");
    this.#nodes = createInformer<Node>({
      ...common,
      resource: NODES,
      transform: nodeTransform,
      onFailure: quietly("nodes"),
    });
    this.#states = createInformer<KubernetesObject>({
      ...common,
      resource: CONFIGURATION_STATES,
      namespace,
      onFailure: quietly("configurationstates"),
    });
    this.#nodes.addHandler({
      onAdd: onChange,
      onDelete: onChange,
      onUpdate: (_key, now, before) => {
        if (!deepEqual(partOfNode(now), partOfNode(before))) onChange();
      },
    });
    const changed = (state: KubernetesObject): void => {
      if (gatewaysOf(state).length > 0) onChange();
    };
    this.#states.addHandler({
      onAdd: (_key, state) => changed(state),
      onDelete: (_key, state) => changed(state),
      onUpdate: (_key, now, before) => {
        if (!deepEqual(gatewaysOf(now), gatewaysOf(before))) onChange();
      },
    });
  }

  /** Begins to follow; resolves when the Nodes are known, or after `NODES_TIMEOUT`. */
  async start(): Promise<void> {
    const { clock, log } = this.#options;
    this.#nodes.start();
    this.#states.start();
    const timeout = new AbortController();
    const cancel = clock.wakeAt(instant(clock.now() + NODES_TIMEOUT), () => timeout.abort());
    await this.#nodes.whenSynced(timeout.signal).catch(() => {
      log.warn(
        {},
        "Nodes cannot be listed: pools are not compared with the addresses of Nodes, and no condition tells if a nodeSelector selects a Node; let the controller list and watch nodes",
      );
    });
    cancel();
  }

  /** The addresses of hosts at this moment. */
  current(): HostAddresses {
    const gateways = this.#states.store.list().flatMap(gatewaysOf);
    return { hosts: [...nodeAddressesOf(this.#nodes.store.list()), ...gateways], policy: this.#options.policy };
  }

  /** The name and labels of every Node; empty while none is known. */
  nodes(): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] {
    return this.#nodes.store.list().map(({ metadata }) => ({
      name: metadata?.name ?? "",
      labels: metadata?.labels ?? {},
    }));
  }
}

/** Keeps a Node's name, labels and addresses: its status lists every image on it, which the controller does not read. */
const nodeTransform = createTransform<Node>({
  apiVersion: "Dropped",
  kind: "Dropped",
  metadata: { ...identityFields, labels: "Kept" },
  spec: "Dropped",
  status: { conditions: "Dropped", addresses: "Kept" },
});
