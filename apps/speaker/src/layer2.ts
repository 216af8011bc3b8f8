import { createHash } from "node:crypto";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import {
  announcementRequestsOf,
  type AvoidedNodes,
  l2AnnouncementOf,
  requestKeysOf,
  serviceOfRequest,
} from "@herald-lb/k8s-glue/announce";
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

type Announcing = Extract<FromWorker, { type: "Announcing" }>;

/** The layer-2 half on the main thread: who may announce which Service goes to the worker, what it announces comes back. */
export class Layer2 {
  readonly #options: Layer2Options;
  readonly #conflicts = new Map<string, Instant>();
  /** The digest of the last request of each key: the request itself is as long as the list of Nodes. */
  readonly #requested = new Map<string, string>();
  /** The nodes that found another dead, by the dead one. */
  readonly #deaths = new Map<string, readonly string[]>();
  /** The announcements of this node, by the key of the request. */
  readonly #announcing = new Map<string, Announcing>();

  constructor(options: Layer2Options) {
    this.#options = options;
  }

  /** Brings the announcement requests of one Service in line with the caches, and tells the worker only a change. */
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
    const requests = announcementRequestsOf(announcement);
    for (const request of requests) {
      const digest = createHash("sha256").update(JSON.stringify(request)).digest("base64");
      if (this.#requested.get(request.key) === digest) continue;
      this.#requested.set(request.key, digest);
      tell({ type: "AnnouncementRequested", request });
    }
    // Afterwards: an address that goes from one request to another is wanted all the time.
    this.#withdraw(key, new Set(requests.map((request) => request.key)));
  }

  /** Takes the report of the worker about a Service. */
  receive(message: Extract<FromWorker, { type: "Announcing" | "NotAnnouncing" }>): void {
    const { node, caches, metrics, log } = this.#options;
    const key = serviceOfRequest(message.key);
    const before = this.#announcing.get(message.key);
    this.#clear(message.key);
    if (message.type === "NotAnnouncing") {
      log[before === undefined ? "debug" : "info"]({ service: key, to: message.to }, "not announcing");
      this.#reportStatus(key);
      return;
    }
    const { addresses, interfaces, cause } = message;
    this.#announcing.set(message.key, message);
    if (interfaces?.length !== 0)
      for (const ip of addresses) metrics.announced.set({ service: key, protocol: "layer2", node, ip }, 1);
    const { reason, previous } = cause;
    log.info({ service: key, addresses, interfaces: interfaces ?? "all", reason, previous }, "announcing");
    if (before === undefined) metrics.takeovers.inc({ reason });
    const service = caches.services.store.get(key);
    if (service === undefined) return;
    if (interfaces?.length === 0) this.#reportNoInterface(service, addresses);
    this.#reportStatus(key);
    if (interfaces?.length === 0) return;
    const isNew =
      before === undefined || before.interfaces?.length === 0 || String(before.addresses) !== String(addresses);
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

  /** Brings the status of a Service in line with what this node announces of it: its families may be elected apart, and a node has one status. */
  #reportStatus(key: string): void {
    const { statuses } = this.#options;
    const parts = requestKeysOf(key).flatMap((each) => {
      const part = this.#announcing.get(each);
      return part === undefined || part.interfaces?.length === 0 ? [] : [part];
    });
    const [first] = parts;
    if (first === undefined) return statuses.layer2Ended(key);
    const selections = parts.map(({ interfaces }) => interfaces);
    const interfaces = selections.includes(null) ? "all" : [...new Set(selections.flatMap((names) => names ?? []))];
    const { reason, previous } = first.cause;
    const detectedBy = reason === "NodeDied" ? (this.#deaths.get(previous ?? "") ?? []) : [];
    const addresses = parts.flatMap((part) => part.addresses);
    statuses.layer2Announced(key, { addresses, interfaces, cause: { ...first.cause, detectedBy } });
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

  /** Withdraws the requests for a Service, but those of these keys. */
  #withdraw(service: string, wanted: ReadonlySet<string> = new Set()): void {
    for (const key of requestKeysOf(service))
      if (!wanted.has(key) && this.#requested.delete(key)) this.#options.tell({ type: "AnnouncementWithdrawn", key });
  }

  #clear(key: string): void {
    const { node, metrics } = this.#options;
    const service = serviceOfRequest(key);
    for (const ip of this.#announcing.get(key)?.addresses ?? [])
      metrics.announced.remove({ service, protocol: "layer2", node, ip });
    this.#announcing.delete(key);
  }
}
