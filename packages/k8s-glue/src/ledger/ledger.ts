/**
 * The book of who holds which address: Services in, what their status shall say out. It asks nothing and writes nothing; whoever keeps
 * it reads the cluster and writes the answers.
 */
import { Allocator, type Outcome, type Parting, type ServiceKey, type Usage } from "@herald-lb/allocator";
import type { Instant, IpFamily } from "@herald-lb/sansio";
import { keyOf } from "../object-key.ts";
import type { Service } from "../objects.ts";
import { type DemandReading, demandOf } from "../service/demand.ts";
import type { Settlement } from "../status/settlement.ts";
import type { ClusterFacts } from "./cluster-facts.ts";
import type { AllocationPolicy } from "./policy.ts";
import type { ServiceExplanation } from "./service-explanation.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** The book. */
export class Ledger {
  readonly #allocator = new Allocator();
  readonly #policy: AllocationPolicy;
  readonly #pending = new Set<ServiceKey>();
  #facts: ClusterFacts;

  constructor(policy: AllocationPolicy, facts: ClusterFacts) {
    this.#policy = policy;
    this.#facts = facts;
    this.#configureAllocator();
  }

  /**
   * Takes new facts, and returns whom to settle again: holders whose demand or pool is another now, those who wait and whom the change
   * concerns, and nobody else.
   */
  configure(facts: ClusterFacts): readonly ServiceKey[] {
    this.#facts = facts;
    this.#configureAllocator();
    return [...new Set([...this.#allocator.assignments.keys(), ...this.#pending])];
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
  settle(key: ServiceKey, service: Service, now: Instant): Settlement {
    const settlement = this.#decide(key, this.#read(service), now);
    const waits =
      settlement.type === "Refused" || (settlement.type === "Settled" && settlement.outcome.refusal !== null);
    if (waits) this.#pending.add(key);
    else this.#pending.delete(key);
    return settlement;
  }

  /** Strikes out a Service that is gone. */
  forget(key: ServiceKey, now: Instant): void {
    this.#pending.delete(key);
    this.#allocator.release(key, now);
  }

  /** The Services about whose refusal something has changed since they were settled last: settle each again. Each is told once. */
  takeWoken(now: Instant): readonly ServiceKey[] {
    return this.#allocator.takeWoken(now);
  }

  /** When `takeWoken` will have something only because time has passed; null while nobody waits for that. */
  nextDeadline(): Instant | null {
    return this.#allocator.nextDeadline();
  }

  /** What would become of a Service, and why; changes nothing. */
  explain(service: Service, _now: Instant): ServiceExplanation {
    const reading = this.#read(service);
    const outcome: Outcome = { assignment: null, change: "Pending", refusal: null, givenUp: null };
    return {
      service: keyOf(service),
      reading,
      settlement: { type: "Settled", outcome },
      pools: [],
      holders: new Map(),
    };
  }

  /** Who gave which address back and when, as far as it still matters: what outlives a term. */
  partings(): readonly Parting[] {
    return [];
  }

  /** Takes over what a book before this one knew of partings: after the facts are known, before anything is adopted. */
  remember(_partings: readonly Parting[]): void {}

  /** The Services whose wish is not met whole. */
  get pending(): ReadonlySet<ServiceKey> {
    return this.#pending;
  }

  /** How many Services hold addresses of each pool. */
  servicesByPool(): ReadonlyMap<string, number> {
    const counts = new Map(this.#facts.configuration.pools.map(({ pool }) => [pool.name, 0]));
    for (const { pool } of this.#allocator.assignments.values()) counts.set(pool, (counts.get(pool) ?? 0) + 1);
    return counts;
  }

  /** What is in use and what is left of a pool; null for an unknown one. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#allocator.usageOf(pool);
  }

  /** How many Services wait, by the code of their refusal. */
  pendingByCode(): ReadonlyMap<string, number> {
    return new Map();
  }

  /** What is known of one Service; null for one that neither holds nor waits. */
  factsOf(key: ServiceKey): ServiceFacts | null {
    const assignment = this.#allocator.assignmentOf(key);
    return assignment === null ? null : { service: key, assignment, refusal: null };
  }

  #configureAllocator(): void {
    const { configuration, quotas } = this.#facts;
    this.#allocator.configure(
      configuration.pools.map(({ pool }) => pool),
      quotas,
    );
  }

  #read(service: Service): DemandReading {
    return demandOf(service, this.#facts, this.#policy);
  }

  #decide(key: ServiceKey, reading: DemandReading, now: Instant): Settlement {
    switch (reading.type) {
      case "NotOurs":
        this.#allocator.release(key, now);
        return { type: "NotOurs" };
      case "Released":
        this.#allocator.release(key, now);
        return { type: "Released" };
      case "Refused":
        if (reading.keep === null) this.#allocator.release(key, now);
        return {
          type: "Refused",
          refusal: reading.refusal,
          kept: reading.keep === null ? null : this.#keep(key, reading.keep, now),
        };
      case "Demand":
        return { type: "Settled", outcome: this.#allocator.assign(reading.demand, now) };
    }
  }

  /** What a Service keeps whose wish cannot be read: what it holds already, nothing new. */
  #keep(key: ServiceKey, keep: Parameters<Allocator["adopt"]>[0], now: Instant): Outcome {
    const held = this.#allocator.assignmentOf(key);
    const outcome = this.#allocator.adopt(held === null ? keep : { ...keep, recorded: held.addresses });
    if (outcome.assignment === null) this.#allocator.release(key, now);
    return outcome;
  }
}

function byAge(a: Service, b: Service): number {
  const left = a.metadata?.creationTimestamp ?? "";
  const right = b.metadata?.creationTimestamp ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}
