import { allocatedFromPool, type Configuration, readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { keyOf, type KubernetesObject, type Service } from "@herald-lb/k8s-glue/objects";
import { type Instant, instant } from "@herald-lb/sansio";
import type { AnnotationEvent } from "./demand/annotation-issue.ts";
import type { ClusterFacts } from "./demand/cluster-facts.ts";
import { type AllocationPolicy, defaultAllocationPolicy } from "./demand/policy.ts";
import { Ledger } from "./ledger/ledger.ts";
import { mergePatched } from "./merge-patch.test.fixture.ts";
import { type AllocationEvent, allocationEvents } from "./status/allocation-events.ts";
import { servicePatch } from "./status/service-patch.ts";

/** What the cluster says of a Service's addresses. */
export interface Shown {
  readonly ips: readonly string[];
  readonly pool: string | null;
}

/** An Event and the Service it is about. */
export type ShownEvent = (AllocationEvent | AnnotationEvent) & { readonly key: string };

/** Which of `count` Services in the queue is looked at next. */
export type Pick = (count: number) => number;

/** How often each Service may be written before it counts as one that never settles. */
const MOST_LOOKS_EACH = 20;

/**
 * A cluster in memory: its objects, the API server's handling of a patch, and a controller that looks at what changed. It stands in for
 * the real ones as far as allocation goes: every write of a status is seen again by the controller that made it.
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
  #ledger: Ledger;
  #version = 1;

  constructor(policy: Partial<AllocationPolicy> = {}, pick: Pick = () => 0) {
    this.#policy = { ...defaultAllocationPolicy, ...policy };
    this.#pick = pick;
    this.#ledger = new Ledger(this.#policy, this.#facts());
  }

  /** The controller's book as it is now. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Replaces the pools, and whatever else configures. */
  configure(...objects: readonly KubernetesObject[]): this {
    return this.configureAs(readOnce(objects));
  }

  /** Replaces the pools by what somebody else read. */
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

  /** Creates a Service, or changes it: what a status holds already stays where the new one says nothing of it. */
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

  /** Stores a Service exactly as it is given, its status and our annotation included. */
  replace(service: Service): this {
    this.#store(keyOf(service), service);
    return this;
  }

  delete(key: string): this {
    this.services.delete(key);
    this.#queue.add(key);
    return this;
  }

  /** Another replica leads: a new book, which knows what the statuses record, and of releases what the one before it wrote down. */
  elect(): this {
    const releases = this.#ledger.releases();
    this.#ledger = new Ledger(this.#policy, this.#facts());
    this.#ledger.restoreReleases(releases);
    this.#ledger.adopt([...this.services.values()]);
    this.#queue.clear();
    for (const key of this.services.keys()) this.#queue.add(key);
    return this;
  }

  /** Looks at one Service again although nothing changed about it. */
  look(key: string): this {
    this.#queue.add(key);
    return this;
  }

  /** Lets time pass. */
  pass(milliseconds: number): this {
    this.now = instant(this.now + milliseconds);
    this.#wake();
    return this;
  }

  /** Lets the controller work until it has nothing to do. A Service that never settles is an error. */
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

  /** What a Service's status says. */
  show(key: string): Shown {
    const service = this.services.get(key);
    const ips = (service?.status?.loadBalancer?.ingress ?? []).map(({ ip = "?" }) => ip);
    return { ips, pool: service?.metadata?.annotations?.[allocatedFromPool] ?? null };
  }

  /** The addresses that a Service's status says. */
  ips(key: string): readonly string[] {
    return this.show(key).ips;
  }

  /** The Events about a Service as "Type Reason". */
  reasons(key: string): readonly string[] {
    return this.events.filter((event) => event.key === key).map(({ type, reason }) => `${type} ${reason}`);
  }

  /** The words of the last Event about a Service. */
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
