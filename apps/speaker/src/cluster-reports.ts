import { isReachable } from "@herald-lb/k8s-glue/objects";
import { parseIpAddress } from "@herald-lb/sansio";
import type { Caches } from "./caches.ts";
import type { ToWorker } from "./worker/protocol.ts";

/** The dependencies of the reports. */
export interface ClusterReportsOptions {
  /** The name of this node. */
  readonly node: string;
  readonly caches: Pick<Caches, "nodes" | "pods">;
  /** The port of every member of the memberlist cluster. */
  readonly port: number;
  readonly tell: (message: ToWorker) => void;
}

/** Reports to the worker on the Nodes and on the Pods of the speakers. */
export class ClusterReports {
  readonly #options: ClusterReportsOptions;
  #started = false;

  constructor(options: ClusterReportsOptions) {
    this.#options = options;
  }

  /** Tells everything. Call it once, when the first lists are complete: before, a missing object would look deleted. */
  start(): void {
    this.#started = true;
    this.tellPeers();
    this.tellNodes();
  }

  /** Tells the Nodes, and how many others the API server has contact with. */
  tellNodes(): void {
    if (!this.#started) return;
    const { node: own, caches, tell } = this.#options;
    const nodes = caches.nodes.store.list();
    const others = nodes.filter((node) => node.metadata?.name !== own && isReachable(node));
    tell({ type: "NodesListed", nodes: nodes.map((node) => node.metadata?.name ?? "") });
    tell({ type: "OthersReachable", count: others.length });
  }

  /** Tells the transport addresses of the speakers; nothing where they form no memberlist cluster. */
  tellPeers(): void {
    const { caches, port, tell } = this.#options;
    if (caches.pods === null || !this.#started) return;
    const peers = caches.pods.store.list().flatMap((pod) => {
      const address = parseIpAddress(pod.status?.podIP ?? "");
      return address.ok ? [{ address: address.value, port }] : [];
    });
    tell({ type: "PeersDesired", peers });
  }
}
