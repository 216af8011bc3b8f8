import { createHash } from "node:crypto";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import {
  announcementRequestsOf,
  type AvoidedNodes,
  type L2AnnouncementFacts,
  l2AnnouncementOf,
  requestKeysOf,
  serviceOfRequest,
} from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { ReportedConflict } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { Clock, IpAddress } from "@herald-lb/sansio";
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
  readonly metrics: Pick<SpeakerMetrics, "announced" | "rivals" | "takeovers" | "clients">;
  readonly statuses: Pick<ServiceStatuses, "layer2Announced" | "layer2Ended">;
  /** Called when `conflicts` gives others than before. */
  readonly onConflicts: () => void;
  readonly log: Logger;
}

type Announcing = Extract<FromWorker, { type: "Announcing" }>;

/** The layer-2 half on the main thread: who may announce which Service goes to the worker, what it announces comes back. */
export class Layer2 {
  readonly #options: Layer2Options;
  readonly #conflicts: AddressConflicts;
  /** The digest of the last request of each key: the request itself is as long as the list of Nodes. */
  readonly #requested = new Map<string, string>();
  /** The nodes that found another dead, by the dead one. */
  readonly #deaths = new Map<string, readonly string[]>();
  /** The announcements of this node, by the key of the request. */
  readonly #announcing = new Map<string, Announcing>();
  /** The numbers of clients that this node serves, by shared address. */
  readonly #clients = new Map<string, number>();

  constructor(options: Layer2Options) {
    this.#options = options;
    this.#conflicts = new AddressConflicts(options);
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

  /** Takes the report of the worker about a request for a Service. */
  receive(message: Announcing | Extract<FromWorker, { type: "NotAnnouncing" }>): void {
    const { caches, log } = this.#options;
    const key = serviceOfRequest(message.key);
    const before = this.#announcing.get(message.key);
    this.#clear(message.key);
    if (message.type === "NotAnnouncing") {
      log[before === undefined ? "debug" : "info"]({ service: key, to: message.to }, "not announcing");
      if (message.offSubnet !== undefined) this.#reportOffSubnet(key, message.offSubnet);
      for (const address of before?.addresses ?? []) if (this.#servicesOf(address).length === 0) this.#forget(address);
      this.#reportStatus(key);
      return;
    }
    this.#announcing.set(message.key, message);
    this.#count(message, before === undefined);
    const service = caches.services.store.get(key);
    if (service === undefined) return;
    const { addresses, interfaces } = message;
    if (interfaces?.length === 0) this.#reportNoInterface(service, addresses);
    this.#reportStatus(key);
    if (interfaces?.length === 0) return;
    const announced = announcedOf(message);
    for (const address of announced) this.#conflicts.settled(address);
    const isNew =
      before === undefined ||
      before.interfaces?.length === 0 ||
      String(before.addresses) !== String(addresses) ||
      announced.some((address) => !announcedOf(before).includes(address));
    if (isNew && announced.length > 0) this.#recordAssigned(service);
  }

  /** Takes how many clients this node serves of addresses that several nodes serve. */
  receiveClients({ counts }: Extract<FromWorker, { type: "ClientsCounted" }>): void {
    const services = new Set<string>();
    for (const [ip, count] of counts) {
      const of = this.#servicesOf(ip);
      // The count was under way when this node stopped to serve.
      if (of.length === 0) continue;
      for (const key of of) services.add(key);
      this.#clients.set(ip, count);
      this.#options.metrics.clients.set({ ip }, count);
    }
    for (const key of services) this.#reportStatus(key);
  }

  /** Takes a word about another station that claims an address. */
  receiveConflict(
    message: Extract<FromWorker, { type: "Conflict" | "RivalFound" | "RivalGone" | "ContestedChanged" }>,
  ): void {
    if (message.type === "Conflict") return this.#conflicts.claimed(message);
    if (message.type === "ContestedChanged") return this.#conflicts.changeContested(message);
    const services = this.#servicesOf(message.address);
    if (message.type === "RivalGone") this.#conflicts.gone(message);
    else {
      const { store } = this.#options.caches.services;
      const objects = services.map((key) => store.get(key)).filter((service) => service !== undefined);
      this.#conflicts.found(message, objects);
    }
    for (const key of services) this.#reportStatus(key);
  }

  /** The stations that have addresses of Services, for the controller. */
  get conflicts(): readonly ReportedConflict[] {
    return this.#conflicts.reported;
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
  #servicesOf(address: string): readonly string[] {
    const keys = [...this.#announcing.values()]
      .filter(({ addresses }) => addresses.some((each) => each === address))
      .map(({ key }) => serviceOfRequest(key));
    return [...new Set(keys)];
  }

  /** Forgets what is known of an address that this node is to announce no longer. */
  #forget(address: IpAddress): void {
    if (this.#conflicts.knows(address)) this.#conflicts.settled(address);
    if (this.#clients.delete(address)) this.#options.metrics.clients.remove({ ip: address });
  }

  #count(message: Announcing, isTakeover: boolean): void {
    const { node, metrics, log } = this.#options;
    const { addresses, interfaces, tentative = [], cause, sharedBy } = message;
    const service = serviceOfRequest(message.key);
    const { reason, previous } = cause;
    if (interfaces?.length !== 0)
      for (const ip of announcedOf(message)) metrics.announced.set({ service, protocol: "layer2", node, ip }, 1);
    const probed = tentative.length === 0 ? {} : { tentative };
    const shared = sharedBy === undefined ? {} : { sharedBy };
    const facts = { service, addresses, interfaces: interfaces ?? "all", reason, previous, ...probed, ...shared };
    if (tentative.length < addresses.length) log.info(facts, "announcing");
    else log.info(facts, "probing the addresses; announcing once no other station has them");
    if (isTakeover) metrics.takeovers.inc({ reason });
  }

  /**
   * Brings the status of a Service in line with what this node announces of it, and with the rivals that are in the way: its families may be elected
   * apart, and a node has one status. While neither is known there is nothing to say.
   */
  #reportStatus(key: string): void {
    const { statuses } = this.#options;
    const parts = requestKeysOf(key).flatMap((each) => {
      const part = this.#announcing.get(each);
      return part === undefined || part.interfaces?.length === 0 ? [] : [part];
    });
    const [first] = parts;
    if (first === undefined) return statuses.layer2Ended(key);
    const addresses = parts.flatMap(announcedOf);
    const conflicts = this.#conflicts.of(parts.flatMap((part) => part.addresses));
    if (addresses.length === 0 && conflicts.length === 0) return;
    const selections = parts.map(({ interfaces }) => interfaces);
    const interfaces = selections.includes(null) ? "all" : [...new Set(selections.flatMap((names) => names ?? []))];
    const { reason, previous } = first.cause;
    const detectedBy = reason === "NodeDied" ? (this.#deaths.get(previous ?? "") ?? []) : [];
    const sharing = this.#sharingOf(first, addresses);
    const cause = { ...first.cause, detectedBy };
    statuses.layer2Announced(key, { addresses, interfaces, cause, conflicts, ...sharing });
  }

  /** The nodes that serve a Service together, and the clients of this one; nothing where one node announces. */
  #sharingOf(
    { sharedBy }: Announcing,
    addresses: readonly string[],
  ): Pick<L2AnnouncementFacts, "sharedBy" | "clients"> {
    if (sharedBy === undefined) return {};
    const counts = addresses.flatMap((address) => this.#clients.get(address) ?? []);
    return counts.length === 0 ? { sharedBy } : { sharedBy, clients: counts.reduce((sum, count) => sum + count) };
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

  /** Reports for all nodes that none has an interface on the subnet of the addresses. */
  #reportOffSubnet(key: string, addresses: readonly string[]): void {
    const message = `no node that may announce the service has an interface on the subnet of ${addresses.map((ip) => `"${ip}"`).join(" or ")}, which interfaceSelection Subnet of the L2Advertisement requires; nobody answers until one has`;
    this.#options.log.warn({ service: key, addresses }, message);
    const service = this.#options.caches.services.store.get(key);
    if (service !== undefined) this.#record(service, "Warning", "announceFailed", message);
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

/** The addresses of a Service that are announced now. */
function announcedOf({ addresses, tentative = [] }: Announcing): readonly string[] {
  return addresses.filter((address) => !tentative.includes(address));
}
