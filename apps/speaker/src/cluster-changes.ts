import type { ConfigurationWatch } from "@herald-lb/daemon";
import { type AvoidedNodes, servicesConcernedBy } from "@herald-lb/k8s-glue/announce";
import { type EndpointSlice, isReachable, keyOf, type Node, type Service } from "@herald-lb/k8s-glue/objects";
import { type Clock, deepEqual } from "@herald-lb/sansio";
import { type Caches, serviceOf } from "./caches.ts";
import { SlicedQueue } from "./sliced-queue.ts";

/** The key of the peers in the queue of Services; no Service has this key. */
const PEERS = "";

/** The caches whose changes count, and the reactions to them. */
export interface ClusterChangesOptions {
  readonly clock: Clock;
  readonly node: string;
  readonly caches: Caches;
  readonly configuration: Pick<ConfigurationWatch, "current" | "onChange">;
  readonly ignoreExcludeLb: boolean;
  readonly avoidedNodes: AvoidedNodes;
  readonly loadBalancerClass: string | null;
  /** Brings the announcements of one Service in line with the caches. */
  readonly reconcile: (key: string) => void;
  /** Runs after several Services were reconciled. */
  readonly flush: () => void;
  readonly configurePeers: () => void;
  /** A Node was added or deleted, or the API server lost or regained contact with it. */
  readonly onNodes: () => void;
  /** A Pod of the speakers was added, changed or deleted. */
  readonly onPods: () => void;
}

/** Reconciles what a change of the cluster concerns, and nothing else, in slices between which the thread serves its sockets. */
export class ClusterChanges {
  readonly #options: ClusterChangesOptions;
  readonly #queue: SlicedQueue;
  #started = false;

  constructor(options: ClusterChangesOptions) {
    this.#options = options;
    this.#queue = new SlicedQueue({
      clock: options.clock,
      process: (key) => (key === PEERS ? options.configurePeers() : options.reconcile(key)),
      onSliceEnd: options.flush,
    });
    this.#addHandlers();
  }

  /**
   * Reconciles every Service, then configures the peers. Call it once, when the first lists are complete: before, every answer would be
   * wrong, since a missing object would look withdrawn. No session is up yet, so nothing waits for a slice; and a new session tells all
   * routes before End-of-RIB because they come before the peers.
   */
  start(): void {
    this.#started = true;
    for (const key of this.#options.caches.services.store.keys()) this.#options.reconcile(key);
    this.#options.flush();
    this.#options.configurePeers();
  }

  /** Reconciles every Service in turn: time has passed that counts. */
  reconcileAll(): void {
    for (const key of this.#options.caches.services.store.keys()) this.#enqueue(key);
  }

  /** Reconciles nothing more. */
  stop(): void {
    this.#queue.stop();
  }

  #addHandlers(): void {
    const { services, slices, nodes, secrets, pods } = this.#options.caches;
    services.addHandler({
      onAdd: (key, service) => this.#changeService(key, service, service),
      onUpdate: (key, now, before) => this.#changeService(key, now, before),
      onDelete: (key, last) => this.#changeService(key, last, last),
    });
    const changeSlice = (slice: EndpointSlice): void => {
      const service = serviceOf(slice);
      if (service !== null) this.#enqueue(service);
    };
    slices.addHandler({
      onAdd: (_key, slice) => changeSlice(slice),
      onUpdate: (_key, slice) => changeSlice(slice),
      onDelete: (_key, slice) => changeSlice(slice),
    });
    nodes.addHandler({
      onAdd: (_key, node) => this.#changeNode(null, node),
      onUpdate: (_key, now, before) => this.#changeNode(before, now),
      onDelete: (_key, last) => this.#changeNode(last, null),
    });
    const changeSecret = (): void => this.#enqueue(PEERS);
    secrets.addHandler({ onAdd: changeSecret, onUpdate: changeSecret, onDelete: changeSecret });
    this.#options.configuration.onChange(() => this.#changeConfiguration());
    const { onPods } = this.#options;
    pods?.addHandler({ onAdd: onPods, onUpdate: onPods, onDelete: onPods });
  }

  #enqueue(key: string): void {
    if (this.#started) this.#queue.add(key);
  }

  /** Services that share an address elect by the same one, so the change of one concerns the others. */
  #changeService(key: string, now: Service, before: Service): void {
    const { caches } = this.#options;
    this.#enqueue(key);
    for (const service of [now, before]) for (const other of caches.sharersOf(service)) this.#enqueue(keyOf(other));
  }

  #changeNode(before: Node | null, now: Node | null): void {
    if (!this.#started) return;
    const { node, caches, configuration, ignoreExcludeLb, avoidedNodes, loadBalancerClass, onNodes } = this.#options;
    if (before === null || now === null || isReachable(before) !== isReachable(now)) onNodes();
    const isOwnNode = (now ?? before)?.metadata?.name === node;
    const scope = { configuration: configuration.current(), ignoreExcludeLb, avoidedNodes, loadBalancerClass };
    const concerns = servicesConcernedBy({ before, now, isOwnNode, ...scope });
    if (concerns !== null) {
      for (const service of caches.services.store.list()) if (concerns(service)) this.#enqueue(keyOf(service));
    }
    if (isOwnNode && !deepEqual(before?.metadata?.labels, now?.metadata?.labels)) this.#enqueue(PEERS);
  }

  #changeConfiguration(): void {
    if (!this.#started) return;
    this.reconcileAll();
    this.#queue.addLast(PEERS);
  }
}
