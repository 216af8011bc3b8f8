import type { Logger } from "@herald-lb/daemon";
import {
  createInformer,
  createTransform,
  identityFields,
  type Informer,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import type { HostAddress, HostAddresses, SessionNode } from "@herald-lb/k8s-glue/metallb";
import { isReachable, type Node, NODES } from "@herald-lb/k8s-glue/objects";
import { type Clock, deepEqual, instant } from "@herald-lb/sansio";
import { nodeAddressesOf, partOfNode } from "./node-addresses.ts";

/** The longest that a start waits for the Nodes, in milliseconds. The RBAC of MetalLB's manifests does not let the controller list them. */
const NODES_TIMEOUT = 5_000;

/** The parts that the watch works with. */
export interface HostAddressWatchOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The default routers of the nodes at this moment. */
  readonly gateways: () => readonly HostAddress[];
  readonly policy: HostAddresses["policy"];
  /** Called when an address has changed, also by the first lists. */
  readonly onChange: () => void;
  /** Called when the control plane has lost a Node, or has it again. */
  readonly onReachability: () => void;
  readonly log: Logger;
}

/**
 * Follows the addresses of hosts, which pools should not span: those of Nodes, and the default routers that the ConfigurationStates of
 * speakers name. Addresses are given out without them as well, so that a cluster without the rights or the kind is served.
 */
export class HostAddressWatch {
  readonly #options: HostAddressWatchOptions;
  readonly #nodes: Informer<Node>;

  constructor(options: HostAddressWatchOptions) {
    this.#options = options;
    const { transport, clock, onChange, onReachability, log } = options;
    this.#nodes = createInformer<Node>({
      transport,
      clock,
      random: Math.random,
      resource: NODES,
      transform: nodeTransform,
      onFailure: (failure) => log.debug({ resource: "nodes", failure }, "not followed"),
    });
    this.#nodes.addHandler({
      onAdd: onChange,
      onDelete: onChange,
      onUpdate: (_key, now, before) => {
        if (!deepEqual(partOfNode(now), partOfNode(before))) onChange();
        if (isReachable(now) !== isReachable(before)) onReachability();
      },
    });
  }

  /** Begins to follow; resolves when the Nodes are known, or after `NODES_TIMEOUT`. */
  async start(): Promise<void> {
    const { clock, log } = this.#options;
    this.#nodes.start();
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
    const { gateways, policy } = this.#options;
    return { hosts: [...nodeAddressesOf(this.#nodes.store.list()), ...gateways()], policy };
  }

  /** The name, labels and reachability of every Node; empty while none is known. */
  nodes(): readonly SessionNode[] {
    return this.#nodes.store.list().map((node) => ({
      name: node.metadata?.name ?? "",
      labels: node.metadata?.labels ?? {},
      isReachable: isReachable(node),
    }));
  }
}

/** Keeps a Node's name, labels, addresses and conditions: its status lists every image on it, which the controller does not read. */
const nodeTransform = createTransform<Node>({
  apiVersion: "Dropped",
  kind: "Dropped",
  metadata: { ...identityFields, labels: "Kept" },
  spec: "Dropped",
  status: { conditions: { type: "Shared", status: "Shared" }, addresses: "Kept" },
});
