import {
  type ConflictsByAddress,
  allocatedFromPool,
  type Configuration,
  type NodeConflict,
  readConfiguration,
} from "@herald-lb/k8s-glue/metallb";
import { keyOf, type KubernetesObject, type Service } from "@herald-lb/k8s-glue/objects";
import { type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import type { AnnotationEvent } from "./demand/annotation-issue.ts";
import type { ClusterFacts } from "./demand/cluster-facts.ts";
import { type AllocationPolicy, defaultAllocationPolicy } from "./demand/policy.ts";
import { Ledger } from "./ledger/ledger.ts";
import { mergePatched } from "./merge-patch.test.fixture.ts";
import { type AllocationEvent, allocationEvents } from "./status/allocation-events.ts";
import { servicePatch } from "./status/service-patch.ts";

/** The addresses in a Service's status, and their pool. */
export interface Shown {
  readonly ips: readonly string[];
  readonly pool: string | null;
}

/** An Event and the Service it is about. */
export type ShownEvent = (AllocationEvent | AnnotationEvent) & { readonly key: string };

/** Picks one of `count` Services in the queue to reconcile next, by its index. */
export type Pick = (count: number) => number;

/** The number of writes for each Service after which it counts as one that never settles. */
const MOST_LOOKS_EACH = 20;

/**
 * A cluster in memory: its objects, the API server's handling of a patch, and a controller that reconciles what changed. As far as
 * allocation goes it stands in for the real ones: the controller sees each of its status writes again.
 */
export class TestCluster {
  now: Instant = instant(0);
  readonly services: Map<string, Service> = new Map();
  /** Every status write, by Service, since `forgetHistory`. */
  readonly writes: Map<string, number> = new Map();
  /** Every Event, in order, since `forgetHistory`. */
  readonly events: ShownEvent[] = [];
  readonly #policy: AllocationPolicy;
  readonly #pick: Pick;
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #quotas = new Map<string, number>();
  readonly #queue = new Set<string>();
  #configuration: Configuration = readOnce([]);
  #conflicts: ConflictsByAddress = new Map();
  #ledger: Ledger;
  #version = 1;

  constructor(policy: Partial<AllocationPolicy> = {}, pick: Pick = () => 0) {
    this.#policy = { ...defaultAllocationPolicy, ...policy };
    this.#pick = pick;
    this.#ledger = new Ledger(this.#policy, this.#facts());
  }

  /** The controller's present ledger. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Replaces all configuration objects. */
  configure(...objects: readonly KubernetesObject[]): this {
    return this.configureAs(readOnce(objects));
  }

  /** Replaces the configuration by one that is read already. */
  configureAs(configuration: Configuration): this {
    this.#configuration = configuration;
    return this.#reconfigure();
  }

  /** Sets a Namespace's labels, and how many addresses it may hold. */
  namespace(name: string, labels: Readonly<Record<string, string>>, quota: number | null = null): this {
    const isAsBefore = JSON.stringify(this.#namespaces.get(name)) === JSON.stringify(labels);
    if (isAsBefore && (this.#quotas.get(name) ?? null) === quota) return this;
    this.#namespaces.set(name, labels);
    if (quota === null) this.#quotas.delete(name);
    else this.#quotas.set(name, quota);
    return this.#reconfigure();
  }

  /** Sets which stations have which addresses, by the report of one node. */
  conflict(reported: Readonly<Record<string, Partial<NodeConflict>>>): this {
    this.#conflicts = new Map(
      Object.entries(reported).map(([address, over]) => [
        address as IpAddress,
        [{ address, hardwareAddress: "02:00:5e:00:53:66", interface: "eth0", node: "node-a", ...over }],
      ]),
    );
    return this.#reconfigure();
  }

  /** Creates or changes a Service; a status stays where the new object has none. */
  apply(...services: readonly Service[]): this {
    for (const service of services) {
      const key = keyOf(service);
      const before = this.services.get(key);
      const pool = before?.metadata?.annotations?.[allocatedFromPool];
      const annotations = {
        ...service.metadata?.annotations,
        ...(pool === undefined ? {} : { [allocatedFromPool]: pool }),
      };
      const status = service.status ?? before?.status;
      this.#store(key, {
        ...service,
        metadata: { ...service.metadata, annotations },
        ...(status === undefined ? {} : { status }),
      });
    }
    return this;
  }

  /** Stores a Service exactly as it is given, with its status and annotations. */
  replace(service: Service): this {
    this.#store(keyOf(service), service);
    return this;
  }

  delete(key: string): this {
    this.services.delete(key);
    this.#queue.add(key);
    return this;
  }

  /** Makes another replica the leader: its ledger is new, adopts the recorded addresses and restores the releases of the one before. */
  elect(): this {
    const releases = this.#ledger.releases();
    this.#ledger = new Ledger(this.#policy, this.#facts());
    this.#ledger.restoreReleases(releases);
    this.#ledger.adopt([...this.services.values()]);
    this.#queue.clear();
    for (const key of this.services.keys()) this.#queue.add(key);
    return this;
  }

  /** Reconciles one Service again although nothing changed. */
  look(key: string): this {
    this.#queue.add(key);
    return this;
  }

  /** Moves the clock forward. */
  pass(milliseconds: number): this {
    this.now = instant(this.now + milliseconds);
    this.#wake();
    return this;
  }

  /** Runs the controller until its queue is empty; throws for a Service that never settles. */
  reconcile(): this {
    const most = (this.services.size + this.#queue.size + 1) * MOST_LOOKS_EACH;
    for (let looks = 0; this.#queue.size > 0; looks += 1) {
      if (looks > most) throw new Error(`never settles: ${[...this.#queue].join(", ")}`);
      const keys = [...this.#queue];
      const key = keys[this.#pick(keys.length)] ?? (keys[0] as string);
      this.#queue.delete(key);
      this.#process(key);
    }
    return this;
  }

  /** The addresses in a Service's status, and their pool. */
  show(key: string): Shown {
    const service = this.services.get(key);
    const ips = (service?.status?.loadBalancer?.ingress ?? []).map(({ ip = "?" }) => ip);
    return { ips, pool: service?.metadata?.annotations?.[allocatedFromPool] ?? null };
  }

  /** The addresses in a Service's status. */
  ips(key: string): readonly string[] {
    return this.show(key).ips;
  }

  /** The Events about a Service as "Type Reason". */
  reasons(key: string): readonly string[] {
    return this.events.filter((event) => event.key === key).map(({ type, reason }) => `${type} ${reason}`);
  }

  /** The message of the last Event about a Service. */
  said(key: string): string {
    return this.events.findLast((event) => event.key === key)?.message ?? "";
  }

  forgetHistory(): this {
    this.writes.clear();
    this.events.length = 0;
    return this;
  }

  #facts(): ClusterFacts {
    return {
      configuration: this.#configuration,
      namespaces: new Map(this.#namespaces),
      quotas: new Map(this.#quotas),
      conflicts: this.#conflicts,
    };
  }

  #reconfigure(): this {
    for (const key of this.#ledger.configure(this.#facts())) this.#queue.add(key);
    this.#wake();
    return this;
  }

  #store(key: string, service: Service): void {
    this.#version += 1;
    const metadata = { ...service.metadata, resourceVersion: String(this.#version) };
    this.services.set(key, { ...service, metadata });
    this.#queue.add(key);
  }

  #process(key: string): void {
    const service = this.services.get(key);
    if (service === undefined) {
      this.#ledger.forget(key, this.now);
      this.#wake();
      return;
    }
    const result = this.#ledger.reconcile(key, service, this.now);
    this.#wake();
    this.events.push(...this.#ledger.takeAnnotationEvents(key).map((event) => ({ ...event, key })));
    const patch = servicePatch(service, result, "2026-01-01T00:00:00Z");
    if (patch === null) return;
    if (patch.metadata.resourceVersion !== service.metadata?.resourceVersion) throw new Error(`stale write of ${key}`);
    this.events.push(...allocationEvents(key, service, result).map((event) => ({ ...event, key })));
    this.writes.set(key, (this.writes.get(key) ?? 0) + 1);
    this.#store(key, mergePatched(service, patch) as Service);
  }

  #wake(): void {
    for (const key of this.#ledger.takeWoken(this.now)) this.#queue.add(key);
  }
}

const configurations = new Map<string, Configuration>();

/** The same objects give the same configuration; tests that replay read few of them, many times. */
function readOnce(objects: readonly KubernetesObject[]): Configuration {
  const text = JSON.stringify(objects);
  const configuration = configurations.get(text) ?? readConfiguration(objects);
  configurations.set(text, configuration);
  return configuration;
}
