import { createHash } from "node:crypto";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import { type AvoidedNodes, l2AnnouncementOf } from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { type Clock, type Instant, instant } from "@herald-lb/sansio";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { ServiceStatuses } from "./service-statuses.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

/** The time after the log line of a conflict during which others about the same address are only counted, in milliseconds. */
const CONFLICT_LOG_INTERVAL = 10_000;

/** The dependencies of the layer-2 part. */
export interface Layer2Options {
  readonly node: string;
  readonly caches: Caches;
  readonly configuration: Pick<ConfigurationWatch, "current">;
  readonly ignoreExcludeLb: boolean;
  readonly avoidedNodes: AvoidedNodes;
  readonly loadBalancerClass: string | null;
  readonly tell: (message: ToWorker) => void;
  readonly events: Pick<EventRecorder, "record">;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Pick<SpeakerMetrics, "announced" | "conflicts" | "takeovers">;
  readonly statuses: Pick<ServiceStatuses, "layer2Announced" | "layer2Ended">;
  readonly log: Logger;
}

/** The layer-2 half on the main thread: who may announce which Service goes to the worker, what it announces comes back. */
export class Layer2 {
  readonly #options: Layer2Options;
  readonly #conflicts = new Map<string, Instant>();
  /** The digest of the last request for each Service: the request itself is as long as the list of Nodes. */
  readonly #requested = new Map<string, string>();
  /** The nodes that found another dead, by the dead one. */
  readonly #deaths = new Map<string, readonly string[]>();
  readonly #announcing = new Map<
    string,
    { readonly addresses: readonly string[]; readonly on: readonly string[] | null }
  >();

  constructor(options: Layer2Options) {
    this.#options = options;
  }

  /** Brings the announcement request of one Service in line with the caches, and tells the worker only a change. */
  reconcile(key: string, service: Service | undefined): void {
    const { caches, configuration, ignoreExcludeLb, avoidedNodes, loadBalancerClass, tell } = this.#options;
    // Most Services of a cluster have no load balancer: they need no look at every node.
    if (service?.spec?.type !== "LoadBalancer") return this.#withdraw(key);
    const announcement = l2AnnouncementOf({
      service,
      slices: caches.slicesOf(key),
      sharers: caches.sharersOf(service),
      nodes: caches.nodesByName(),
      configuration: configuration.current(),
      ignoreExcludeLb,
      avoidedNodes,
      loadBalancerClass,
    });
    const { addresses, electionAddress, candidates, sticky, cadence } = announcement;
    if (electionAddress === null || candidates.length === 0) return this.#withdraw(key);
    const request = { key, addresses, electionAddress, candidates, sticky, cadence };
    const digest = createHash("sha256").update(JSON.stringify(request)).digest("base64");
    if (this.#requested.get(key) === digest) return;
    this.#requested.set(key, digest);
    tell({ type: "AnnouncementRequested", request });
  }

  /** Takes the report of the worker about a Service. */
  receive(message: Extract<FromWorker, { type: "Announcing" | "NotAnnouncing" }>): void {
    const { node, caches, metrics, log, statuses } = this.#options;
    const { key } = message;
    const before = this.#announcing.get(key);
    this.#clear(key);
    if (message.type === "NotAnnouncing") {
      log[before === undefined ? "debug" : "info"]({ service: key, to: message.to }, "not announcing");
      statuses.layer2Ended(key);
      return;
    }
    const { addresses, interfaces, cause } = message;
    this.#announcing.set(key, { addresses, on: interfaces });
    if (interfaces?.length !== 0)
      for (const ip of addresses) metrics.announced.set({ service: key, protocol: "layer2", node, ip }, 1);
    const { reason, previous } = cause;
    log.info({ service: key, addresses, interfaces: interfaces ?? "all", reason, previous }, "announcing");
    if (before === undefined) metrics.takeovers.inc({ reason });
    const service = caches.services.store.get(key);
    if (service === undefined) return;
    if (interfaces?.length === 0) {
      this.#reportNoInterface(service, addresses);
      statuses.layer2Ended(key);
      return;
    }
    const detectedBy = reason === "NodeDied" ? (this.#deaths.get(previous ?? "") ?? []) : [];
    statuses.layer2Announced(key, { addresses, interfaces: interfaces ?? "all", cause: { ...cause, detectedBy } });
    const isNew = before === undefined || before.on?.length === 0 || String(before.addresses) !== String(addresses);
    if (isNew) this.#record(service, "Normal", "nodeAssigned", `announcing from node "${node}" with protocol "layer2"`);
  }

  /** Takes the names of the nodes that found another dead. The watchers' agreement names them all, and comes before the membership's word. */
  learnDeath(node: string, by: readonly string[]): void {
    if (!this.#deaths.has(node)) this.#deaths.set(node, by);
  }

  /** Forgets the death of a node that is back. */
  forgetDeath(node: string): void {
    this.#deaths.delete(node);
  }

  /** Takes a claim of another station to an address that this node announces. Every frame is counted, not every one logged. */
  conflict({ address, by, interface: on }: Extract<FromWorker, { type: "Conflict" }>): void {
    const { clock, metrics, log } = this.#options;
    metrics.conflicts.inc({ ip: address });
    const now = clock.now();
    const quiet = (this.#conflicts.get(address) ?? now) > now;
    if (!quiet) this.#conflicts.set(address, instant(now + CONFLICT_LOG_INTERVAL));
    log[quiet ? "debug" : "warn"](
      { address, by, interface: on },
      "another station claims an address that this node announces; this node defends it",
    );
  }

  /** Reports in MetalLB's words that this node was elected and has none of the interfaces that the advertisement names. */
  #reportNoInterface(service: Service, addresses: readonly string[]): void {
    const { node, log } = this.#options;
    for (const ip of addresses) {
      const message = `the interfaces specified by LB IP "${ip}" doesn't exist in assigned node "${node}" with protocol "layer2"`;
      log.warn(
        { service: service.metadata?.name, ip },
        "the advertisement selects interfaces of which this node, the announcer, has none; nobody answers for the address",
      );
      this.#record(service, "Warning", "announceFailed", message);
    }
  }

  #record(service: Service, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#options.events.record({ object: this.#options.caches.reference(service), type, reason, message });
  }

  #withdraw(key: string): void {
    if (this.#requested.delete(key)) this.#options.tell({ type: "AnnouncementWithdrawn", key });
  }

  #clear(key: string): void {
    const { node, metrics } = this.#options;
    for (const ip of this.#announcing.get(key)?.addresses ?? [])
      metrics.announced.remove({ service: key, protocol: "layer2", node, ip });
    this.#announcing.delete(key);
  }
}
