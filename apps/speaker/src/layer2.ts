import { createHash } from "node:crypto";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import { type AvoidedNodes, l2AnnouncementOf } from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";
import { AddressConflicts } from "./address-conflicts.ts";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { ServiceStatuses } from "./service-statuses.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

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
  readonly metrics: Pick<SpeakerMetrics, "announced" | "rivals" | "takeovers">;
  readonly statuses: Pick<ServiceStatuses, "layer2Announced" | "layer2Ended">;
  readonly log: Logger;
}

type Announcing = Extract<FromWorker, { type: "Announcing" }>;

/** The layer-2 half on the main thread: who may announce which Service goes to the worker, what it announces comes back. */
export class Layer2 {
  readonly #options: Layer2Options;
  readonly #conflicts: AddressConflicts;
  /** The digest of the last request for each Service: the request itself is as long as the list of Nodes. */
  readonly #requested = new Map<string, string>();
  /** The nodes that found another dead, by the dead one. */
  readonly #deaths = new Map<string, readonly string[]>();
  /** The last report of the worker about each Service that this node is to announce. */
  readonly #announcing = new Map<string, Announcing>();

  constructor(options: Layer2Options) {
    this.#options = options;
    this.#conflicts = new AddressConflicts(options);
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
    const { addresses, electionAddress, candidates, sticky, cadence, conflictPolicy, onConflict } = announcement;
    if (electionAddress === null || candidates.length === 0) return this.#withdraw(key);
    const request = { key, addresses, electionAddress, candidates, sticky, cadence, conflictPolicy, onConflict };
    const digest = createHash("sha256").update(JSON.stringify(request)).digest("base64");
    if (this.#requested.get(key) === digest) return;
    this.#requested.set(key, digest);
    tell({ type: "AnnouncementRequested", request });
  }

  /** Takes the report of the worker about a Service. */
  receive(message: Announcing | Extract<FromWorker, { type: "NotAnnouncing" }>): void {
    const { caches, log, statuses } = this.#options;
    const { key } = message;
    const before = this.#announcing.get(key);
    this.#clear(key);
    if (message.type === "NotAnnouncing") {
      log[before === undefined ? "debug" : "info"]({ service: key, to: message.to }, "not announcing");
      for (const address of before?.addresses ?? [])
        if (this.#keysOf(address).length === 0) this.#conflicts.settled(address);
      statuses.layer2Ended(key);
      return;
    }
    this.#announcing.set(key, message);
    this.#count(message, before === undefined);
    const service = caches.services.store.get(key);
    if (service === undefined) return;
    const { addresses, interfaces } = message;
    if (interfaces?.length === 0) {
      this.#reportNoInterface(service, addresses);
      statuses.layer2Ended(key);
      return;
    }
    this.#writeStatus(message);
    const announced = announcedOf(message);
    for (const address of announced) this.#conflicts.settled(address);
    const isNew =
      before === undefined ||
      before.interfaces?.length === 0 ||
      String(before.addresses) !== String(addresses) ||
      announced.some((address) => !announcedOf(before).includes(address));
    if (isNew && announced.length > 0) this.#recordAssigned(service);
  }

  /** Takes a word about another station that claims an address. */
  receiveConflict(message: Extract<FromWorker, { type: "Conflict" | "RivalFound" | "RivalGone" }>): void {
    const { address } = message;
    switch (message.type) {
      case "Conflict":
        this.#conflicts.claimed(message);
        return;
      case "RivalFound": {
        const { store } = this.#options.caches.services;
        const services = this.#keysOf(address).map((key) => store.get(key));
        this.#conflicts.found(
          message,
          services.filter((service) => service !== undefined),
        );
        break;
      }
      case "RivalGone":
        this.#conflicts.gone(message);
        break;
    }
    for (const key of this.#keysOf(address)) {
      const announcing = this.#announcing.get(key);
      if (announcing !== undefined) this.#writeStatus(announcing);
    }
  }

  /** Takes the names of the nodes that found another dead. The watchers' agreement names them all, and comes before the membership's word. */
  learnDeath(node: string, by: readonly string[]): void {
    if (!this.#deaths.has(node)) this.#deaths.set(node, by);
  }

  /** Forgets the death of a node that is back. */
  forgetDeath(node: string): void {
    this.#deaths.delete(node);
  }

  /** The Services with an address that this node is to announce. */
  #keysOf(address: string): readonly string[] {
    return [...this.#announcing.values()]
      .filter(({ addresses }) => addresses.some((each) => each === address))
      .map(({ key }) => key);
  }

  #count(message: Announcing, isTakeover: boolean): void {
    const { node, metrics, log } = this.#options;
    const { key: service, addresses, interfaces, tentative = [], cause } = message;
    const { reason, previous } = cause;
    if (interfaces?.length !== 0)
      for (const ip of announcedOf(message)) metrics.announced.set({ service, protocol: "layer2", node, ip }, 1);
    const probed = tentative.length === 0 ? {} : { tentative };
    const facts = { service, addresses, interfaces: interfaces ?? "all", reason, previous, ...probed };
    if (tentative.length < addresses.length) log.info(facts, "announcing");
    else log.info(facts, "probing the addresses; announcing once no other station has them");
    if (isTakeover) metrics.takeovers.inc({ reason });
  }

  /** Writes what is announced, and which rivals are in the way. While neither is known there is nothing to say. */
  #writeStatus(message: Announcing): void {
    const { key, interfaces, cause } = message;
    const addresses = announcedOf(message);
    const conflicts = this.#conflicts.of(message.addresses);
    if (addresses.length === 0 && conflicts.length === 0) return;
    const detectedBy = cause.reason === "NodeDied" ? (this.#deaths.get(cause.previous ?? "") ?? []) : [];
    const facts = { addresses, interfaces: interfaces ?? "all", cause: { ...cause, detectedBy }, conflicts } as const;
    this.#options.statuses.layer2Announced(key, facts);
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

  #recordAssigned(service: Service): void {
    this.#record(
      service,
      "Normal",
      "nodeAssigned",
      `announcing from node "${this.#options.node}" with protocol "layer2"`,
    );
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

/** The addresses of a Service that are announced now. */
function announcedOf({ addresses, tentative = [] }: Announcing): readonly string[] {
  return addresses.filter((address) => !tentative.includes(address));
}
