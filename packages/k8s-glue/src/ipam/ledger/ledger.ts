/**
 * The ledger of the assigned addresses: Services go in, their wanted statuses come out. It reads and writes no API; its owner reads
 * the cluster and writes the results.
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
import { allocatorPools, changedConflicts, conflictsOf } from "./address-conflicts.ts";
import { allocate, demandOfReading, dryRun, type ProvisionalResult } from "./allocate.ts";
import type { AllocationResult, Discrepancy } from "./allocation-result.ts";
import { Eligibility } from "./eligibility.ts";
import { FactsChange } from "./facts-change.ts";
import { discrepancyOf, emptyEntry, type LedgerEntry, refusalOf, sameSet } from "./ledger-entry.ts";
import { PendingStatus } from "./pending-status.ts";
import type { ServiceExplanation } from "./service-explanation.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** The ledger. */
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
   * Takes new facts, and returns the keys of the Services to reconcile again: holders whose demand or pool changed, and pending
   * Services that the change affects.
   */
  configure(facts: ClusterFacts): readonly ServiceKey[] {
    const before = this.#facts;
    this.#facts = facts;
    this.#eligibility = new Eligibility(facts, this.#policy.spreadPools, this.#eligibility);
    const { changedPools, displaced, outdated } = this.#configureAllocator();
    const change = new FactsChange(before, facts, changedPools);
    const inConflict = changedConflicts(before, facts).flatMap((address) => this.#allocator.holdersOf(address));
    const concerned = new Set([...displaced, ...outdated, ...inConflict]);
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

  /** Adopts the addresses that the statuses of all Services record, before any address is assigned. Older Services come first. */
  adopt(services: readonly Service[]): void {
    for (const service of services.toSorted(byAge)) {
      const reading = this.#read(service);
      const demand = demandOfReading(reading);
      if (demand === null || demand.recorded.length === 0) continue;
      const { assignment, refusal } = this.#allocator.adopt(demand);
      this.#entries.set(demand.service, { ...emptyEntry, isConfirmed: assignment !== null && refusal === null });
    }
  }

  /** Reconciles one Service. */
  reconcile(key: ServiceKey, service: Service, now: Instant): AllocationResult {
    const reading = this.#read(service);
    const recorded = recordedAddresses(service);
    const before = this.#allocator.assignmentOf(key)?.addresses ?? [];
    const outdated = this.#pendingStatus.isOutdated(key, recorded) ? this.#takeRecorded(reading) : null;
    if (this.#entries.get(key)?.isConfirmed === true && !sameSet(before, recorded)) this.#takeEdited(reading, now);
    const provisional = allocate(this.#allocator, key, reading, now);
    if (provisional.type === "NotOurs" || provisional.type === "Released") {
      this.#remove(key);
      return provisional;
    }
    const entry = this.#entries.get(key) ?? emptyEntry;
    const outcome = provisional.type === "Decided" ? provisional.outcome : provisional.kept;
    const held = outcome?.assignment?.addresses ?? [];
    this.#pendingStatus.record(key, before, held, recorded);
    const { discrepancy, isConfirmed, removalReason } = discrepancyOf(entry, recorded, held, {
      hasMoved: !sameSet(before, held),
      removalReason: outcome?.removalReason ?? outdated,
    });
    const because = this.#explainDiscrepancy(discrepancy, removalReason, reading, now);
    const result = this.#resultOf(provisional, service, because);
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

  /** The Events about problems with a Service's annotations that were not reported before. Call it after reconciling the Service. */
  takeAnnotationEvents(key: ServiceKey): readonly AnnotationEvent[] {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.service === null) return [];
    const events = annotationIssues(entry.service).map(annotationEvent);
    const reportedIssues = events.map(({ message }) => message).join("\n");
    if (reportedIssues === entry.reportedIssues) return [];
    this.#entries.set(key, { ...entry, reportedIssues });
    return events;
  }

  /** Removes a deleted Service. */
  forget(key: ServiceKey, now: Instant): void {
    this.#remove(key);
    this.#allocator.release(key, now);
  }

  /**
   * The Services to reconcile again because something that their refusal depends on changed. Each is returned once until its next
   * reconcile.
   */
  takeWoken(now: Instant): readonly ServiceKey[] {
    return this.#allocator.takeWoken(now);
  }

  /** The instant at which `takeWoken` returns Services because time has passed; null while none waits for that. */
  nextDeadline(): Instant | null {
    return this.#allocator.nextDeadline();
  }

  /** The result that `reconcile` would return, and why; changes nothing. */
  explain(service: Service, now: Instant): ServiceExplanation {
    const reading = this.#read(service);
    const key = keyOf(service);
    const { provisional, pools } = dryRun(this.#allocator, key, reading, now);
    const addresses = new Set<IpAddress>(recordedAddresses(service));
    for (const address of this.#allocator.assignmentOf(key)?.addresses ?? []) addresses.add(address);
    if (reading.type === "Demand") for (const address of reading.demand.requested) addresses.add(address);
    const holders = new Map([...addresses].map((address) => [address, this.#allocator.holdersOf(address)]));
    const result = this.#resultOf(provisional, service, null);
    const namedPool = annotationOf(service, "address-pool") || null;
    return { service: key, reading, namedPool, result, pools, holders };
  }

  /** The releases that still matter, for the ledger of the next term. */
  releases(): readonly Release[] {
    return this.#allocator.releases();
  }

  /** Restores the releases of an earlier ledger: after the facts are known, before anything is adopted. */
  restoreReleases(releases: readonly Release[]): void {
    this.#allocator.restoreReleases(releases);
  }

  /** The Services whose request is not met, or not all of it. */
  get pending(): ReadonlySet<ServiceKey> {
    return this.#pending;
  }

  /** The number of pending Services by the code of their refusal. */
  pendingByCode(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const key of this.#pending) {
      const code = this.#entries.get(key)?.refusal?.code;
      if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    return counts;
  }

  /** The facts of one Service for metrics and lists; null for one that neither holds addresses nor is pending. */
  factsOf(key: ServiceKey): ServiceFacts | null {
    const assignment = this.#allocator.assignmentOf(key);
    const refusal = this.#entries.get(key)?.refusal?.code ?? null;
    return assignment === null && refusal === null ? null : { service: key, assignment, refusal };
  }

  /**
   * True if a Service's status names an address that the ledger does not assign to it: another Service may hold it, or may be
   * assigned it at any moment.
   */
  hasStaleAddress(key: ServiceKey, service: Service): boolean {
    const held = this.#allocator.assignmentOf(key)?.addresses ?? [];
    return recordedAddresses(service).some((address) => !held.includes(address));
  }

  /** The number of Services that hold addresses of each pool. */
  servicesByPool(): ReadonlyMap<string, number> {
    const counts = new Map(this.#facts.configuration.pools.map(({ pool }) => [pool.name, 0]));
    for (const { pool } of this.#allocator.assignments.values()) counts.set(pool, (counts.get(pool) ?? 0) + 1);
    return counts;
  }

  /** The used and free addresses of a pool; null for an unknown pool. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#allocator.usageOf(pool);
  }

  #configureAllocator(): Reconfiguration {
    return this.#allocator.configure(allocatorPools(this.#facts), this.#facts.quotas);
  }

  #read(service: Service): DemandReading {
    return demandOf(service, this.#facts, this.#policy, this.#eligibility.of(service));
  }

  /**
   * Adopts the addresses in a status in place of those that were assigned and never seen there; returns why that is impossible, or
   * null.
   */
  #takeRecorded(reading: DemandReading): Refusal | null {
    const demand = demandOfReading(reading);
    return demand === null ? null : this.#allocator.adopt(demand).refusal;
  }

  /**
   * Assigns a Service the addresses that somebody else wrote into its status, as if it had requested them: all of them, or nothing
   * changes.
   */
  #takeEdited(reading: DemandReading, now: Instant): void {
    if (reading.type !== "Demand") return;
    const { demand } = reading;
    // A status with fewer addresses than the Service holds would remove some.
    const held = this.#allocator.assignmentOf(demand.service)?.addresses ?? [];
    if (demand.requested.length > 0 || demand.recorded.length < Math.max(1, held.length)) return;
    const asked: Demand = { ...demand, requested: demand.recorded, ifImpossible: "Keep" };
    if (this.#allocator.explain(asked, now).outcome.refusal === null) this.#allocator.assign(asked, now);
  }

  #resultOf(provisional: ProvisionalResult, service: Service, discrepancy: Discrepancy | null): AllocationResult {
    if (provisional.type === "NotOurs" || provisional.type === "Released") return provisional;
    const outcome = provisional.type === "Decided" ? provisional.outcome : provisional.kept;
    const conflicts = conflictsOf(outcome?.assignment ?? null, this.#facts);
    if (provisional.type === "Refused") return { ...provisional, discrepancy, conflicts };
    const { configuration, namespaces } = this.#facts;
    const hasNone = provisional.outcome.refusal?.code === "NoEligiblePool";
    return {
      ...provisional,
      ineligible: hasNone ? ineligiblePools(configuration.pools, service, namespaces) : [],
      discrepancy,
      conflicts,
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
