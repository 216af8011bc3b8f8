/**
 * The book of who holds which address: Services in, what their status shall say out. It asks nothing and writes nothing; whoever keeps
 * it reads the cluster and writes the answers.
 */
import {
  Allocator,
  type Demand,
  type Reconfiguration,
  type Refusal,
  type Release,
  type ServiceKey,
  type Usage,
} from "@herald-lb/allocator";
import { annotationOf } from "@herald-lb/k8s-glue/metallb";
import { keyOf, recordedAddresses, type Service } from "@herald-lb/k8s-glue/objects";
import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import { annotationEvent, type AnnotationEvent } from "../demand/annotation-issue.ts";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import { demandOf, type DemandReading } from "../demand/demand.ts";
import { ineligiblePools } from "../demand/ineligible-pools.ts";
import type { AllocationPolicy } from "../demand/policy.ts";
import { annotationIssues } from "../demand/service-options.ts";
import { allocate, type AllocationDecision, demandOfReading, dryRun } from "./allocation-decision.ts";
import type { AllocationResult, Discrepancy } from "./allocation-result.ts";
import { Eligibility } from "./eligibility.ts";
import { FactsChange } from "./facts-change.ts";
import { discrepancyOf, emptyEntry, type LedgerEntry, refusalOf, sameSet } from "./ledger-entry.ts";
import { PendingStatus } from "./pending-status.ts";
import type { ServiceExplanation } from "./service-explanation.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** The book. */
export class Ledger {
  readonly #allocator = new Allocator();
  readonly #policy: AllocationPolicy;
  readonly #entries = new Map<ServiceKey, LedgerEntry>();
  readonly #pending = new Set<ServiceKey>();
  readonly #pendingStatus = new PendingStatus();
  #facts: ClusterFacts;
  #eligibility: Eligibility;

  constructor(policy: AllocationPolicy, facts: ClusterFacts) {
    this.#policy = policy;
    this.#facts = facts;
    this.#eligibility = new Eligibility(facts, policy.spreadPools, null);
    this.#configureAllocator();
  }

  /**
   * Takes new facts, and returns whom to reconcile again: holders whose demand or pool is another now, those who wait and whom the change
   * concerns, and nobody else.
   */
  configure(facts: ClusterFacts): readonly ServiceKey[] {
    const before = this.#facts;
    this.#facts = facts;
    this.#eligibility = new Eligibility(facts, this.#policy.spreadPools, this.#eligibility);
    const { changedPools, displaced, outdated } = this.#configureAllocator();
    const change = new FactsChange(before, facts, changedPools);
    const concerned = new Set([...displaced, ...outdated]);
    for (const [key, { service, eligible, refusal }] of this.#entries) {
      if (service === null || eligible === null || concerned.has(key)) continue;
      const now = this.#eligibility.of(service);
      if (now === eligible) {
        if (refusal !== null && change.concerns(refusal, service)) concerned.add(key);
        continue;
      }
      const pool = this.#allocator.assignmentOf(key)?.pool;
      if (refusal !== null || pool === undefined || !now.permitted.includes(pool)) concerned.add(key);
    }
    return [...concerned];
  }

  /** Takes over what the Services' status records, of all of them, before anything is given out. Older Services come first. */
  adopt(services: readonly Service[]): void {
    for (const service of services.toSorted(byAge)) {
      const reading = this.#read(service);
      const demand = demandOfReading(reading);
      if (demand === null || demand.recorded.length === 0) continue;
      const { assignment, refusal } = this.#allocator.adopt(demand);
      this.#entries.set(demand.service, { ...emptyEntry, isConfirmed: assignment !== null && refusal === null });
    }
  }

  /** Decides on one Service as it is now. */
  reconcile(key: ServiceKey, service: Service, now: Instant): AllocationResult {
    const reading = this.#read(service);
    const recorded = recordedAddresses(service);
    const before = this.#allocator.assignmentOf(key)?.addresses ?? [];
    const outdated = this.#pendingStatus.isOutdated(key, recorded) ? this.#takeRecorded(reading) : null;
    if (this.#entries.get(key)?.isConfirmed === true && !sameSet(before, recorded)) this.#takeEdited(reading, now);
    const decision = allocate(this.#allocator, key, reading, now);
    if (decision.type === "NotOurs" || decision.type === "Released") {
      this.#remove(key);
      return decision;
    }
    const entry = this.#entries.get(key) ?? emptyEntry;
    const outcome = decision.type === "Decided" ? decision.outcome : decision.kept;
    const held = outcome?.assignment?.addresses ?? [];
    this.#pendingStatus.decided(key, before, held, recorded);
    const { discrepancy, isConfirmed, removalReason } = discrepancyOf(entry, recorded, held, {
      hasMoved: !sameSet(before, held),
      removalReason: outcome?.removalReason ?? outdated,
    });
    const because = this.#explainDiscrepancy(discrepancy, removalReason, reading, now);
    const result = this.#resultOf(decision, service, because);
    const refusal = refusalOf(result);
    const eligible = this.#eligibility.of(service);
    this.#entries.set(key, {
      service,
      eligible,
      refusal,
      isConfirmed,
      removalReason,
      reportedIssues: entry.reportedIssues,
    });
    if (refusal === null) this.#pending.delete(key);
    else this.#pending.add(key);
    return result;
  }

  /** What is to be said of a Service's annotations that was not said before: the same is said once. Ask after settling it. */
  takeAnnotationEvents(key: ServiceKey): readonly AnnotationEvent[] {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.service === null) return [];
    const events = annotationIssues(entry.service).map(annotationEvent);
    const reportedIssues = events.map(({ message }) => message).join("\n");
    if (reportedIssues === entry.reportedIssues) return [];
    this.#entries.set(key, { ...entry, reportedIssues });
    return events;
  }

  /** Strikes out a Service that is gone. */
  forget(key: ServiceKey, now: Instant): void {
    this.#remove(key);
    this.#allocator.release(key, now);
  }

  /** The Services about whose refusal something has changed since they were reconciled last: reconcile each again. Each is told once. */
  takeWoken(now: Instant): readonly ServiceKey[] {
    return this.#allocator.takeWoken(now);
  }

  /** When `takeWoken` will have something only because time has passed; null while nobody waits for that. */
  nextDeadline(): Instant | null {
    return this.#allocator.nextDeadline();
  }

  /** What would become of a Service, and why; changes nothing. */
  explain(service: Service, now: Instant): ServiceExplanation {
    const reading = this.#read(service);
    const key = keyOf(service);
    const { decision, pools } = dryRun(this.#allocator, key, reading, now);
    const addresses = new Set<IpAddress>(recordedAddresses(service));
    for (const address of this.#allocator.assignmentOf(key)?.addresses ?? []) addresses.add(address);
    if (reading.type === "Demand") for (const address of reading.demand.requested) addresses.add(address);
    const holders = new Map([...addresses].map((address) => [address, this.#allocator.holdersOf(address)]));
    const result = this.#resultOf(decision, service, null);
    const namedPool = annotationOf(service, "address-pool") || null;
    return { service: key, reading, namedPool, result, pools, holders };
  }

  /** Who gave which address back and when, as far as it still matters: what outlives a term. */
  releases(): readonly Release[] {
    return this.#allocator.releases();
  }

  /** Takes over what a book before this one knew of releases: after the facts are known, before anything is adopted. */
  restoreReleases(releases: readonly Release[]): void {
    this.#allocator.restoreReleases(releases);
  }

  /** The Services whose wish is not met whole. */
  get pending(): ReadonlySet<ServiceKey> {
    return this.#pending;
  }

  /** How many Services wait, by the code of their refusal. */
  pendingByCode(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const key of this.#pending) {
      const code = this.#entries.get(key)?.refusal?.code;
      if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    return counts;
  }

  /** What is known of one Service; null for one that neither holds nor waits. */
  factsOf(key: ServiceKey): ServiceFacts | null {
    const assignment = this.#allocator.assignmentOf(key);
    const refusal = this.#entries.get(key)?.refusal?.code ?? null;
    return assignment === null && refusal === null ? null : { service: key, assignment, refusal };
  }

  /** Whether a Service's status names an address that the book does not give it: it may be given to another at any moment, or is. */
  hasStaleAddress(key: ServiceKey, service: Service): boolean {
    const held = this.#allocator.assignmentOf(key)?.addresses ?? [];
    return recordedAddresses(service).some((address) => !held.includes(address));
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

  #configureAllocator(): Reconfiguration {
    const { configuration, quotas } = this.#facts;
    return this.#allocator.configure(
      configuration.pools.map(({ pool }) => pool),
      quotas,
    );
  }

  #read(service: Service): DemandReading {
    return demandOf(service, this.#facts, this.#policy, this.#eligibility.of(service));
  }

  /** Takes what a status says over what was given and never seen there; returns why that cannot be. */
  #takeRecorded(reading: DemandReading): Refusal | null {
    const demand = demandOfReading(reading);
    return demand === null ? null : this.#allocator.adopt(demand).refusal;
  }

  /** Gives a Service what somebody else wrote into its status, as if it had asked for that: all of it, or nothing changes. */
  #takeEdited(reading: DemandReading, now: Instant): void {
    if (reading.type !== "Demand") return;
    const { demand } = reading;
    // One that names fewer than the Service holds would take some away.
    const held = this.#allocator.assignmentOf(demand.service)?.addresses ?? [];
    if (demand.requested.length > 0 || demand.recorded.length < Math.max(1, held.length)) return;
    const asked: Demand = { ...demand, requested: demand.recorded, ifImpossible: "Keep" };
    if (this.#allocator.explain(asked, now).outcome.refusal === null) this.#allocator.assign(asked, now);
  }

  #resultOf(decision: AllocationDecision, service: Service, discrepancy: Discrepancy | null): AllocationResult {
    if (decision.type === "NotOurs" || decision.type === "Released") return decision;
    if (decision.type === "Refused") return { ...decision, discrepancy };
    const { configuration, namespaces } = this.#facts;
    const hasNone = decision.outcome.refusal?.code === "NoEligiblePool";
    return {
      ...decision,
      ineligible: hasNone ? ineligiblePools(configuration.pools, service, namespaces) : [],
      discrepancy,
    };
  }

  #remove(key: ServiceKey): void {
    this.#pendingStatus.forget(key);
    this.#entries.delete(key);
    this.#pending.delete(key);
  }

  #explainDiscrepancy(
    type: Discrepancy["type"] | null,
    removalReason: Refusal | null,
    reading: DemandReading,
    now: Instant,
  ): Discrepancy | null {
    if (type === "Removed" && removalReason !== null) return { type, because: removalReason };
    if (type !== "Edited") return null;
    const demand = demandOfReading(reading);
    if (demand === null || demand.recorded.length === 0) return { type, because: null };
    const asked = this.#allocator.explain({ ...demand, requested: demand.recorded, ifImpossible: "Keep" }, now);
    return { type, because: asked.outcome.refusal };
  }
}

function byAge(a: Service, b: Service): number {
  const left = a.metadata?.creationTimestamp ?? "";
  const right = b.metadata?.creationTimestamp ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}
