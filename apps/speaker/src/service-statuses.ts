import type { Logger } from "@herald-lb/daemon";
import {
  type AnnouncedService,
  type L2AnnouncementFacts,
  type RouteReport,
  wantedServiceBGPStatus,
  wantedServiceL2Status,
} from "@herald-lb/k8s-glue/announce";
import {
  type ApiError,
  applyDifferent,
  createInformer,
  createWorkQueue,
  type Informer,
  type InformerOptions,
  isUndeclaredField,
  type ReconcileResult,
  type Transport,
  type WorkQueue,
} from "@herald-lb/k8s-glue/client";
import type { StatusApply } from "@herald-lb/k8s-glue/metallb";
import {
  type KubernetesObject,
  metallbResource,
  objectPath,
  type OwnerReference,
  splitKey,
} from "@herald-lb/k8s-glue/objects";
import { type Clock, deepEqual, instant, type Result } from "@herald-lb/sansio";
import { serviceStatusTransform } from "./kept-fields.ts";
import { OWN_FIELDS } from "./own-status-fields.ts";

const RESOURCES = {
  layer2: metallbResource("v1beta1", "ServiceL2Status", "servicel2statuses"),
  bgp: metallbResource("v1beta1", "ServiceBGPStatus", "servicebgpstatuses"),
} as const;
type Protocol = keyof typeof RESOURCES;
type Status = StatusApply<object>;

/** Statuses written at the same time. */
const CONCURRENCY = 2;
/** The time after the start at which the statuses of an earlier run are removed, in milliseconds: the announcements are known by then. */
const CLEANUP_DELAY = 15_000;
/** The pause before a write that waits for the caches is tried again, in milliseconds. */
const CACHE_PAUSE = 2_000;

/** The fields that are as they are wanted, and not only contain it. */
const EXACT = ["interfaces", "peers", ...OWN_FIELDS].map((field) => `status.${field}`);
/** The facts of a status of which only the name counts. */
const NO_FACTS: L2AnnouncementFacts = {
  addresses: [],
  interfaces: "all",
  cause: { reason: "Started", previous: null, detectedBy: [] },
};

/** The dependencies of the statuses. */
export interface ServiceStatusesOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly node: string;
  /** This speaker's pod, which the statuses go with; null outside one. */
  readonly owner: () => OwnerReference | null;
  readonly log: Logger;
}

/**
 * Writes a ServiceL2Status and a ServiceBGPStatus for each Service that this node announces. They are for people to read, so no
 * announcement waits for them. A node that takes a Service over removes the ServiceL2Status of the other nodes;
 * of nodes that serve one together, the first by name removes those of all that do not.
 */
export class ServiceStatuses {
  readonly #options: ServiceStatusesOptions;
  readonly #caches: Readonly<Record<Protocol, Informer<KubernetesObject>>>;
  readonly #wanted: Readonly<Record<Protocol, Map<string, Status>>> = { layer2: new Map(), bgp: new Map() };
  /** The names that this run wrote: the caches may not have them yet. */
  readonly #written = new Set<string>();
  /** The nodes whose statuses of a Service stay, where this node is to remove the others. */
  readonly #staying = new Map<string, ReadonlySet<string>>();
  /** The nodes that serve a Service together with this one. */
  readonly #sharedBy = new Map<string, string>();
  /** True once the API server has refused a field of Herald's own: its CRD is MetalLB's. */
  #withoutOwnFields = false;
  readonly #queue: WorkQueue<`${Protocol} ${string}`>;
  /** The names of statuses of an earlier run: a node may have left thousands. */
  readonly #leftovers: WorkQueue<`${Protocol} ${string}`>;

  constructor(options: ServiceStatusesOptions) {
    this.#options = options;
    const { transport, clock, namespace, node, log } = options;
    const onFailure: InformerOptions<KubernetesObject>["onFailure"] = (failure, error) =>
      log.debug(
        { failure, code: error?.code, error: error?.message },
        "the statuses of Services cannot be listed or watched; the speaker tries again",
      );
    const common = {
      transport,
      clock,
      random: Math.random,
      namespace,
      transform: serviceStatusTransform,
      onFailure,
    };
    this.#caches = {
      layer2: createInformer<KubernetesObject>({
        ...common,
        resource: RESOURCES.layer2,
        indexers: { service: (status) => [serviceKeyOf(status)] },
      }),
      bgp: createInformer<KubernetesObject>({
        ...common,
        resource: RESOURCES.bgp,
        labelSelector: `metallb.io/node=${node}`,
      }),
    };
    this.#queue = createWorkQueue({ clock, concurrency: CONCURRENCY, process: (id) => this.#process(id) });
    this.#leftovers = createWorkQueue({ clock, concurrency: CONCURRENCY, process: (id) => this.#removeLeftover(id) });
    for (const protocol of ["layer2", "bgp"] as const) {
      const check = (object: KubernetesObject): void => this.#checkStatus(protocol, object);
      this.#caches[protocol].addHandler({
        onUpdate: (_key, object) => check(object),
        onDelete: (_key, object) => check(object),
      });
    }
  }

  /** Starts the caches, and removes the statuses of an earlier run a while later. */
  start(): void {
    const { clock } = this.#options;
    for (const cache of Object.values(this.#caches)) cache.start();
    clock.wakeAt(instant(clock.now() + CLEANUP_DELAY), () => this.#removeLeftovers());
  }

  /** Stops the caches and the writes. */
  stop(): void {
    for (const cache of Object.values(this.#caches)) cache.stop();
    void this.#queue.shutDown(false);
    void this.#leftovers.shutDown(false);
  }

  /** This node answers for a Service. */
  layer2Announced(key: string, facts: L2AnnouncementFacts): void {
    const { node } = this.#options;
    const { sharedBy } = facts;
    if (sharedBy === undefined) {
      if (!this.#wanted.layer2.has(key)) this.#staying.set(key, new Set([node]));
      this.#sharedBy.delete(key);
    } else if (this.#sharedBy.get(key) !== String(sharedBy)) {
      this.#sharedBy.set(key, String(sharedBy));
      this.#staying.delete(key);
      if (sharedBy[0] === node) this.#staying.set(key, new Set(sharedBy));
      this.#queue.add(`layer2 ${key}`);
    }
    this.#want("layer2", key, wantedServiceL2Status(this.#announced(key), facts));
  }

  /** This node does not answer for a Service. */
  layer2Ended(key: string): void {
    this.#staying.delete(key);
    this.#sharedBy.delete(key);
    this.#drop("layer2", key);
  }

  /** This node has routes for a Service that are for these peers; `report` is what else there is to tell. */
  bgpAnnounced(key: string, peers: readonly string[], report: RouteReport = {}): void {
    this.#want("bgp", key, wantedServiceBGPStatus(this.#announced(key), peers, report));
  }

  /** This node has no routes for a Service. */
  bgpEnded(key: string): void {
    this.#drop("bgp", key);
  }

  #announced(key: string): AnnouncedService {
    const { namespace, node, owner } = this.#options;
    const { namespace: serviceNamespace, name: serviceName } = splitKey(key);
    return { namespace, node, serviceNamespace, serviceName, owner: owner() };
  }

  #want(protocol: Protocol, key: string, status: Status): void {
    if (deepEqual(this.#wanted[protocol].get(key), status)) return;
    this.#wanted[protocol].set(key, status);
    this.#queue.add(`${protocol} ${key}`);
  }

  #drop(protocol: Protocol, key: string): void {
    if (this.#wanted[protocol].delete(key)) this.#queue.add(`${protocol} ${key}`);
  }

  /** Another node may have removed this status because it took this node for dead; or a user changed it. */
  #checkStatus(protocol: Protocol, object: KubernetesObject): void {
    if (this.#isWanted(protocol, object)) this.#queue.add(`${protocol} ${serviceKeyOf(object)}`);
  }

  async #process(id: `${Protocol} ${string}`): Promise<ReconcileResult> {
    const [protocol, key] = id.split(" ") as [Protocol, string];
    const cache = this.#caches[protocol];
    if (!cache.hasSynced()) return { type: "RetryAfter", delay: CACHE_PAUSE };
    const wanted = this.#wanted[protocol].get(key);
    if (wanted === undefined) return this.#remove(protocol, this.#nameOf(protocol, key));
    const error = await this.#write(protocol, wanted);
    if (error !== null) return this.#failed(id, error);
    const staying = this.#staying.get(key);
    if (staying === undefined || protocol !== "layer2") return { type: "Done" };
    this.#staying.delete(key);
    const others = cache.store
      .byIndex("service", key)
      .filter((other) => !staying.has(other.metadata?.labels?.["metallb.io/node"] ?? ""));
    for (const other of others) await this.#remove(protocol, other.metadata?.name ?? "");
    return { type: "Done" };
  }

  async #write(protocol: Protocol, wanted: Status): Promise<ApiError | null> {
    const { transport, namespace } = this.#options;
    const resource = RESOURCES[protocol];
    const live = this.#caches[protocol].store.get(`${namespace}/${wanted.metadata.name}`);
    const { status, ...object } = wanted;
    this.#written.add(wanted.metadata.name ?? "");
    const options = { fieldManager: "herald-speaker" };
    const made = await applyDifferent<KubernetesObject>(transport, resource, live, object, options);
    if (!made.ok) return made.error;
    const { name = "" } = wanted.metadata;
    const apply = (fields: object): Promise<Result<unknown, ApiError>> =>
      applyDifferent<KubernetesObject>(
        transport,
        resource,
        made.value.object,
        { metadata: { namespace, name }, status: fields },
        { ...options, subresource: "status", exact: EXACT },
      );
    const declaredByMetallb = Object.fromEntries(Object.entries(status).filter(([field]) => !OWN_FIELDS.has(field)));
    const written = await apply(this.#withoutOwnFields ? declaredByMetallb : status);
    if (written.ok) return null;
    if (this.#withoutOwnFields || !isUndeclaredField(written.error)) return written.error;
    this.#withoutOwnFields = true;
    const again = await apply(declaredByMetallb);
    return again.ok ? null : again.error;
  }

  async #remove(protocol: Protocol, name: string): Promise<ReconcileResult> {
    const { transport, namespace } = this.#options;
    const isThere = this.#caches[protocol].store.get(`${namespace}/${name}`) !== undefined;
    if (!this.#written.has(name) && !isThere) return { type: "Done" };
    const path = objectPath(RESOURCES[protocol], { namespace, name });
    const answer = await transport.request({ method: "DELETE", path });
    if (!answer.ok && answer.error.code !== "NotFound") return this.#failed(name, answer.error);
    this.#written.delete(name);
    return { type: "Done" };
  }

  #failed(what: string, { code, message }: ApiError): ReconcileResult {
    this.#options.log.warn(
      { status: what, code, error: message },
      "the status of a Service was not written; the speaker tries again unless the API server calls it invalid",
    );
    // The API server would refuse the same object again.
    return { type: code === "Invalid" || code === "NotFound" ? "Done" : "Retry" };
  }

  /** Removes the statuses of Services that this node announced in an earlier run and does not announce now. */
  #removeLeftovers(): void {
    for (const protocol of ["layer2", "bgp"] as const) {
      for (const object of this.#caches[protocol].store.list()) {
        if (object.metadata?.labels?.["metallb.io/node"] !== this.#options.node) continue;
        if (!this.#isWanted(protocol, object)) this.#leftovers.add(`${protocol} ${object.metadata.name ?? ""}`);
      }
    }
  }

  /** Removes a status of an earlier run, unless its Service has been announced meanwhile. */
  async #removeLeftover(id: `${Protocol} ${string}`): Promise<ReconcileResult> {
    const [protocol, name] = id.split(" ") as [Protocol, string];
    const object = this.#caches[protocol].store.get(`${this.#options.namespace}/${name}`);
    if (object === undefined || this.#isWanted(protocol, object)) return { type: "Done" };
    return this.#remove(protocol, name);
  }

  #isWanted(protocol: Protocol, object: KubernetesObject): boolean {
    return this.#wanted[protocol].get(serviceKeyOf(object))?.metadata.name === object.metadata?.name;
  }

  #nameOf(protocol: Protocol, key: string): string {
    const announced = this.#announced(key);
    const object =
      protocol === "layer2" ? wantedServiceL2Status(announced, NO_FACTS) : wantedServiceBGPStatus(announced, []);
    return object.metadata.name ?? "";
  }
}

function serviceKeyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.labels?.["metallb.io/service-namespace"]}/${metadata?.labels?.["metallb.io/service-name"]}`;
}
