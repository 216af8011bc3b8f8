/**
 * One leadership term's book of who holds which address: Services in, what their status shall say out. It asks nothing and writes
 * nothing; whoever keeps it reads the cluster and writes the answers.
 */
import { Allocator, type Outcome, type ServiceKey, type Usage } from "@herald-lb/allocator";
import {
  type Configuration,
  type DemandReading,
  demandOf,
  type NamespaceLabels,
  type Service,
  type Settlement,
} from "@herald-lb/k8s-glue";
import type { IpFamily } from "@herald-lb/sansio";

/** What came of settling one Service. */
export interface Settled {
  readonly settlement: Settlement;
  /** An address became free, or may be shared now: whoever waits may be lucky. */
  readonly freed: boolean;
}

/** The book. */
export class Ledger {
  readonly #allocator = new Allocator();
  readonly #loadBalancerClass: string | null;
  readonly #pending = new Set<ServiceKey>();
  /** With whom each holder shares, as text: ports, sharing key and backend. */
  readonly #terms = new Map<ServiceKey, string>();
  #configuration: Configuration;
  #namespaces: NamespaceLabels;

  constructor(loadBalancerClass: string | null, configuration: Configuration, namespaces: NamespaceLabels) {
    this.#loadBalancerClass = loadBalancerClass;
    this.#configuration = configuration;
    this.#namespaces = namespaces;
    this.#allocator.configure(configuration.pools.map(({ pool }) => pool));
  }

  /** Takes a new configuration. Every Service is to be settled again. */
  configure(configuration: Configuration, namespaces: NamespaceLabels): void {
    this.#configuration = configuration;
    this.#namespaces = namespaces;
    this.#allocator.configure(configuration.pools.map(({ pool }) => pool));
  }

  /** Takes over what the Services' status records, of all of them, before anything is given out. Older Services come first. */
  adopt(services: readonly Service[]): void {
    for (const service of services.toSorted(byAge)) {
      const reading = this.#read(service);
      if (reading.type === "Demand") this.#allocator.adopt(reading.demand);
      else if (reading.type === "Refused" && reading.keep !== null) this.#allocator.adopt(reading.keep);
    }
  }

  /** Decides on one Service as it is now. */
  settle(key: ServiceKey, service: Service): Settled {
    const reading = this.#read(service);
    const before = this.#allocator.assignmentOf(key);
    const settlement = this.#decide(key, reading);
    const after = this.#allocator.assignmentOf(key);
    const waits =
      settlement.type === "Refused" || (settlement.type === "Settled" && settlement.outcome.refusal !== null);
    if (waits) this.#pending.add(key);
    else this.#pending.delete(key);
    const freed = before?.addresses.some((address) => after?.addresses.includes(address) !== true) ?? false;
    return { settlement, freed: this.#sharesOtherwise(key, reading) || freed };
  }

  /** Strikes out a Service that is gone; true when that freed an address. */
  forget(key: ServiceKey): boolean {
    this.#pending.delete(key);
    this.#terms.delete(key);
    return this.#allocator.release(key) !== null;
  }

  /** The Services whose wish is not met whole. */
  get pending(): ReadonlySet<ServiceKey> {
    return this.#pending;
  }

  /** How many Services hold addresses of each pool. */
  servicesByPool(): ReadonlyMap<string, number> {
    const counts = new Map(this.#configuration.pools.map(({ pool }) => [pool.name, 0]));
    for (const { pool } of this.#allocator.assignments.values()) counts.set(pool, (counts.get(pool) ?? 0) + 1);
    return counts;
  }

  /** What is in use and what is left of a pool; null for an unknown one. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#allocator.usageOf(pool);
  }

  /** A holder that gives a port back, or changes its key, makes room for another beside it. */
  #sharesOtherwise(key: ServiceKey, reading: DemandReading): boolean {
    const before = this.#terms.get(key);
    if (reading.type !== "Demand") return this.#terms.delete(key);
    const { ports, sharingKey, backendKey } = reading.demand;
    const terms = JSON.stringify([ports, sharingKey, backendKey]);
    this.#terms.set(key, terms);
    return before !== undefined && before !== terms;
  }

  #read(service: Service): DemandReading {
    return demandOf(service, this.#configuration, this.#namespaces, this.#loadBalancerClass);
  }

  #decide(key: ServiceKey, reading: DemandReading): Settlement {
    switch (reading.type) {
      case "NotOurs":
        this.#allocator.release(key);
        return { type: "NotOurs" };
      case "Released":
        this.#allocator.release(key);
        return { type: "Released" };
      case "Refused":
        if (reading.keep === null) this.#allocator.release(key);
        return {
          type: "Refused",
          refusal: reading.refusal,
          kept: reading.keep === null ? null : this.#keep(key, reading.keep),
        };
      case "Demand":
        return { type: "Settled", outcome: this.#allocator.assign(reading.demand) };
    }
  }

  /** What a Service keeps whose wish cannot be read: what it holds already, nothing new. */
  #keep(key: ServiceKey, keep: Parameters<Allocator["adopt"]>[0]): Outcome {
    const held = this.#allocator.assignmentOf(key);
    const outcome = this.#allocator.adopt(held === null ? keep : { ...keep, recorded: held.addresses });
    if (outcome.assignment === null) this.#allocator.release(key);
    return outcome;
  }
}

function byAge(a: Service, b: Service): number {
  const left = a.metadata?.creationTimestamp ?? "";
  const right = b.metadata?.creationTimestamp ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}
