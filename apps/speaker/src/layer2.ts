import { type ConfigurationWatch, type Logger } from "@herald-lb/daemon";
import { l2AnnouncementOf, type Service } from "@herald-lb/k8s-glue";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

/** What the layer-2 half works with. */
export interface Layer2Options {
  readonly node: string;
  readonly caches: Caches;
  readonly configuration: ConfigurationWatch;
  readonly ignoreExcludeLb: boolean;
  readonly loadBalancerClass: string | null;
  readonly tell: (message: ToWorker) => void;
  readonly events: EventRecorder;
  readonly metrics: SpeakerMetrics;
  readonly log: Logger;
}

/** The layer-2 half on the main thread: who may announce which Service goes to the worker, what it announces comes back. */
export class Layer2 {
  readonly #options: Layer2Options;
  readonly #wished = new Map<string, string>();
  readonly #announcing = new Map<string, readonly string[]>();

  constructor(options: Layer2Options) {
    this.#options = options;
  }

  /** Works out one Service anew; tells the worker only what changed. */
  reconcile(key: string, service: Service | undefined): void {
    const { caches, configuration, ignoreExcludeLb, loadBalancerClass, tell } = this.#options;
    if (service === undefined) return this.#withdraw(key);
    const announcement = l2AnnouncementOf({
      service,
      slices: caches.slicesOf(key),
      sharers: caches.sharersOf(service),
      nodes: caches.nodesByName(),
      // Who lives is the worker's to know: it decides among all who may.
      members: null,
      configuration: configuration.current(),
      ignoreExcludeLb,
      loadBalancerClass,
    });
    const { addresses, electionAddress, candidates } = announcement;
    if (electionAddress === null || candidates.length === 0) return this.#withdraw(key);
    const wish = { key, addresses, electionAddress, candidates };
    const text = JSON.stringify(wish);
    if (this.#wished.get(key) === text) return;
    this.#wished.set(key, text);
    tell({ type: "WishDesired", wish });
  }

  /** Takes what the worker says about a Service. */
  heard(message: Extract<FromWorker, { type: "Announcing" | "NotAnnouncing" }>): void {
    const { node, caches, events, log } = this.#options;
    const { key } = message;
    this.#forget(key);
    if (message.type === "NotAnnouncing") {
      log.debug({ service: key, to: message.to }, "not announcing");
      return;
    }
    this.#announcing.set(key, message.addresses);
    for (const ip of message.addresses)
      this.#options.metrics.announced.set({ service: key, protocol: "layer2", node, ip }, 1);
    log.info({ service: key, addresses: message.addresses, interfaces: message.interfaces }, "announcing");
    const service = caches.services.store.get(key);
    if (service === undefined) return;
    events.record({
      object: caches.reference(service),
      type: "Normal",
      reason: "nodeAssigned",
      message: `announcing from node "${node}" with protocol "layer2"`,
    });
  }

  /** The addresses announced now, by Service. */
  get announcing(): ReadonlyMap<string, readonly string[]> {
    return this.#announcing;
  }

  #withdraw(key: string): void {
    if (this.#wished.delete(key)) this.#options.tell({ type: "WishGone", key });
  }

  #forget(key: string): void {
    const { node, metrics } = this.#options;
    for (const ip of this.#announcing.get(key) ?? [])
      metrics.announced.remove({ service: key, protocol: "layer2", node, ip });
    this.#announcing.delete(key);
  }
}
