import type { Logger } from "@herald-lb/daemon";
import { createInformer, type Informer, type Transport } from "@herald-lb/k8s-glue/client";
import { gatewaysOf, type Surroundings } from "@herald-lb/k8s-glue/metallb";
import { type KubernetesObject, metallbResource, type Node, NODES } from "@herald-lb/k8s-glue/objects";
import { type Clock, instant } from "@herald-lb/sansio";
import { nodeAddressesOf, partOfNode } from "./node-addresses.ts";

const CONFIGURATION_STATES = metallbResource("v1beta1", "ConfigurationState", "configurationstates");
/** How long a start waits for the Nodes, in milliseconds: rights as MetalLB's manifests give them do not let the controller follow them. */
const PATIENCE = 5_000;

/** What the watch works with. */
export interface HostAddressWatchOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly policy: Surroundings["policy"];
  /** Called when something of it changed, also by the first lists. */
  readonly onChange: () => void;
  readonly log: Logger;
}

/**
 * The addresses around the pools: those of nodes, and the default routers that speakers tell of. Neither is needed to serve, so that a
 * cluster which lacks the rights or the kind is served all the same.
 */
export class HostAddressWatch {
  readonly #options: HostAddressWatchOptions;
  readonly #nodes: Informer<Node>;
  readonly #states: Informer<KubernetesObject>;

  constructor(options: HostAddressWatchOptions) {
    this.#options = options;
    const { transport, clock, namespace, onChange, log } = options;
    const common = { transport, clock, random: Math.random };
    const quietly = (resource: string) => (trouble: string) => log.debug({ resource, trouble }, "not followed");
    this.#nodes = createInformer<Node>({ ...common, resource: NODES, trim: trimmed, onTrouble: quietly("nodes") });
    this.#states = createInformer<KubernetesObject>({
      ...common,
      resource: CONFIGURATION_STATES,
      namespace,
      onTrouble: quietly("configurationstates"),
    });
    this.#nodes.addHandler({
      onAdd: onChange,
      onDelete: onChange,
      onUpdate: (_key, now, before) => {
        if (partOfNode(now) !== partOfNode(before)) onChange();
      },
    });
    const told = (state: KubernetesObject): void => {
      if (gatewaysOf(state).length > 0) onChange();
    };
    this.#states.addHandler({
      onAdd: (_key, state) => told(state),
      onDelete: (_key, state) => told(state),
      onUpdate: (_key, now, before) => {
        if (JSON.stringify(gatewaysOf(now)) !== JSON.stringify(gatewaysOf(before))) onChange();
      },
    });
  }

  /** Begins to follow; resolves when the Nodes are known, or when that takes too long. */
  async start(): Promise<void> {
    const { clock, log } = this.#options;
    this.#nodes.start();
    this.#states.start();
    const patience = new AbortController();
    const cancel = clock.wakeAt(instant(clock.now() + PATIENCE), () => patience.abort());
    await this.#nodes.whenSynced(patience.signal).catch(() => {
      log.warn(
        {},
        "Nodes cannot be followed: pools are not held against their addresses, nor peers against their labels",
      );
    });
    cancel();
  }

  /** What lies around the pools as it is now. */
  current(): Surroundings {
    const gateways = this.#states.store.list().flatMap(gatewaysOf);
    return { hosts: [...nodeAddressesOf(this.#nodes.store.list()), ...gateways], policy: this.#options.policy };
  }

  /** Every Node as far as selectors go by it; empty while none is known. */
  nodes(): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] {
    return this.#nodes.store.list().map(({ metadata }) => ({
      name: metadata?.name ?? "",
      labels: metadata?.labels ?? {},
    }));
  }
}

/** A Node's status lists every image on it: of all that only the addresses are kept. */
function trimmed({ metadata, status }: Node): Node {
  const { name = "", uid = "", resourceVersion = "", labels = {} } = metadata ?? {};
  return { metadata: { name, uid, resourceVersion, labels }, status: { addresses: status?.addresses ?? [] } };
}
