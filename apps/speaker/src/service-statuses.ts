import type { Logger } from "@herald-lb/daemon";
import { type AnnouncedService, wantedServiceBGPStatus, wantedServiceL2Status } from "@herald-lb/k8s-glue/announce";
import {
  type ApiError,
  applyDifferent,
  createInformer,
  createWorkQueue,
  type Informer,
  type InformerOptions,
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
import { type Clock, deepEqual, instant } from "@herald-lb/sansio";

const RESOURCES = {
  layer2: metallbResource("v1beta1", "ServiceL2Status", "servicel2statuses"),
  bgp: metallbResource("v1beta1", "ServiceBGPStatus", "servicebgpstatuses"),
} as const;
type Protocol = keyof typeof RESOURCES;
type Status = StatusApply<object>;

/** Statuses written at the same time. */
const CONCURRENCY = 2;
/** How long after the start what an earlier run left behind is removed, in milliseconds: what is announced is known by then. */
const SWEEP_AFTER = 15_000;
/** How long to wait for the caches of statuses, in milliseconds. */
const CACHE_PAUSE = 2_000;

/** What the statuses are written with. */
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
 * Says for every Service that this node announces where it does so: one ServiceL2Status, one ServiceBGPStatus. They are for people to
 * read, so they wait for nothing and nothing waits for them. Who takes a Service over removes the ServiceL2Status of the others.
 */
export class ServiceStatuses {
  readonly #options: ServiceStatusesOptions;
  readonly #caches: Readonly<Record<Protocol, Informer<KubernetesObject>>>;
  readonly #wanted: Readonly<Record<Protocol, Map<string, Status>>> = { layer2: new Map(), bgp: new Map() };
  /** What this run wrote: the caches may not have it yet. */
  readonly #written = new Set<string>();
  readonly #takenOver = new Set<string>();
  readonly #queue: WorkQueue<`${Protocol} ${string}`>;

  constructor(options: ServiceStatusesOptions) {
    this.#options = options;
    const { transport, clock, namespace, node, log } = options;
    const onFailure: InformerOptions<KubernetesObject>["onFailure"] = (failure, error) =>
      log.debug({ failure, code: error?.code, error: error?.message }, "statuses of services cannot be followed");
    const common = { transport, clock, random: Math.random, namespace, onFailure };
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
    for (const protocol of ["layer2", "bgp"] as const) {
      const look = (object: KubernetesObject): void => this.#lookAgain(protocol, object);
      this.#caches[protocol].addHandler({
        onUpdate: (_key, object) => look(object),
        onDelete: (_key, object) => look(object),
      });
    }
  }

  /** Begins to follow what is there. */
  start(): void {
    const { clock } = this.#options;
    for (const cache of Object.values(this.#caches)) cache.start();
    clock.wakeAt(instant(clock.now() + SWEEP_AFTER), () => this.#sweep());
  }

  /** Writes nothing more. */
  stop(): void {
    for (const cache of Object.values(this.#caches)) cache.stop();
    void this.#queue.shutDown(false);
  }

  /** This node answers for a Service, on these interfaces. */
  layer2Announced(key: string, interfaces: "all" | readonly string[]): void {
    if (!this.#wanted.layer2.has(key)) this.#takenOver.add(key);
    this.#want("layer2", key, wantedServiceL2Status(this.#announced(key), interfaces));
  }

  /** This node does not answer for a Service. */
  layer2Ended(key: string): void {
    this.#takenOver.delete(key);
    this.#unwant("layer2", key);
  }

  /** This node has routes for a Service that are for these peers. */
  bgpAnnounced(key: string, peers: readonly string[]): void {
    this.#want("bgp", key, wantedServiceBGPStatus(this.#announced(key), peers));
  }

  /** This node has no routes for a Service. */
  bgpEnded(key: string): void {
    this.#unwant("bgp", key);
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

  #unwant(protocol: Protocol, key: string): void {
    if (this.#wanted[protocol].delete(key)) this.#queue.add(`${protocol} ${key}`);
  }

  /** A node that thought this one dead has removed its status; or somebody changed it. */
  #lookAgain(protocol: Protocol, object: KubernetesObject): void {
    const key = serviceKeyOf(object);
    if (this.#wanted[protocol].get(key)?.metadata.name === object.metadata?.name) this.#queue.add(`${protocol} ${key}`);
  }

  async #process(id: `${Protocol} ${string}`): Promise<ReconcileResult> {
    const [protocol, key] = id.split(" ") as [Protocol, string];
    const cache = this.#caches[protocol];
    if (!cache.hasSynced()) return { type: "RetryAfter", delay: CACHE_PAUSE };
    const wanted = this.#wanted[protocol].get(key);
    if (wanted === undefined) return this.#remove(protocol, this.#nameOf(protocol, key));
    const error = await this.#write(protocol, wanted);
    if (error !== null) return this.#failed(id, error);
    if (!this.#takenOver.delete(key) || protocol !== "layer2") return { type: "Done" };
    const others = cache.store.byIndex("service", key).filter((other) => other.metadata?.name !== wanted.metadata.name);
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
    const said = await applyDifferent<KubernetesObject>(
      transport,
      resource,
      made.value.object,
      { metadata: { namespace, name }, status },
      { ...options, subresource: "status", exact: ["status.interfaces", "status.peers"] },
    );
    return said.ok ? null : said.error;
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
    this.#options.log.warn({ status: what, code, error: message }, "status of a service not written");
    // What the server will not have, it will not have the next time either.
    return { type: code === "Invalid" || code === "NotFound" ? "Done" : "Retry" };
  }

  /** What this node announced in an earlier run, and does not announce now. */
  #sweep(): void {
    for (const protocol of ["layer2", "bgp"] as const) {
      for (const object of this.#caches[protocol].store.list()) {
        if (object.metadata?.labels?.["metallb.io/node"] !== this.#options.node) continue;
        const key = serviceKeyOf(object);
        if (this.#wanted[protocol].get(key)?.metadata.name !== object.metadata.name)
          void this.#remove(protocol, object.metadata.name ?? "");
      }
    }
  }

  #nameOf(protocol: Protocol, key: string): string {
    const announced = this.#announced(key);
    const object =
      protocol === "layer2" ? wantedServiceL2Status(announced, "all") : wantedServiceBGPStatus(announced, []);
    return object.metadata.name ?? "";
  }
}

function serviceKeyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.labels?.["metallb.io/service-namespace"]}/${metadata?.labels?.["metallb.io/service-name"]}`;
}
