import type { Allocator, Demand, Outcome, PoolVerdict, ServiceKey } from "@herald-lb/allocator";
import type { Instant } from "@herald-lb/sansio";
import type { DemandReading } from "../demand/demand.ts";
import type { AllocationResult } from "./allocation-result.ts";
import { holdsAll, ofItsFamilies } from "./holds-all.ts";

/** What becomes of a Service, before that is compared with its status. */
export type AllocationDecision =
  | Extract<AllocationResult, { type: "NotOurs" | "Released" }>
  | Omit<Extract<AllocationResult, { type: "Refused" }>, "discrepancy">
  | Omit<Extract<AllocationResult, { type: "Decided" }>, "discrepancy" | "ineligible">;

type Refused = Extract<DemandReading, { type: "Refused" }>;

/** Decides, and gives and takes accordingly. */
export function allocate(
  allocator: Allocator,
  key: ServiceKey,
  reading: DemandReading,
  now: Instant,
): AllocationDecision {
  switch (reading.type) {
    case "NotOurs":
    case "Released":
      allocator.release(key, now);
      return reading;
    case "Refused": {
      if (reading.keep === null) allocator.release(key, now);
      return refused(reading, reading.keep === null ? null : keep(allocator, key, reading.keep, now));
    }
    case "Demand":
      return { type: "Decided", demand: reading.demand, outcome: allocator.assign(reading.demand, now) };
  }
}

/** What `allocate` would say, and what every pool has to do with it; changes nothing. */
export function dryRun(
  allocator: Allocator,
  key: ServiceKey,
  reading: DemandReading,
  now: Instant,
): { readonly decision: AllocationDecision; readonly pools: readonly PoolVerdict[] } {
  if (reading.type === "NotOurs" || reading.type === "Released") return { decision: reading, pools: [] };
  if (reading.type === "Demand") {
    const { outcome, pools } = allocator.explain(reading.demand, now);
    return { decision: { type: "Decided", demand: reading.demand, outcome }, pools };
  }
  if (reading.keep === null) return { decision: refused(reading, null), pools: [] };
  const had = allocator.assignmentOf(key)?.addresses ?? reading.keep.recorded;
  const { outcome, pools } = allocator.explain({ ...reading.keep, pools: [] }, now);
  // Nothing new is given, not even what is reserved for it; what it holds is what it keeps.
  const addresses = outcome.assignment?.addresses.filter((address) => had.includes(address)) ?? [];
  const assignment =
    outcome.assignment === null || addresses.length === 0 ? null : { ...outcome.assignment, addresses };
  // The others were not looked at for what it asks, which cannot be read.
  const holding = pools.filter(({ verdict }) => verdict === "Holds");
  return { decision: refused(reading, { ...outcome, assignment, refusal: null }), pools: holding };
}

/** The demand in a reading, be it to be met or only to be kept; null where there is none. */
export function demandOfReading(reading: DemandReading): Demand | null {
  if (reading.type === "Demand") return reading.demand;
  return reading.type === "Refused" ? reading.keep : null;
}

/** What a Service keeps whose wish cannot be read: what it holds already, nothing new. */
function keep(allocator: Allocator, key: ServiceKey, demand: Demand, now: Instant): Outcome {
  const held = allocator.assignmentOf(key)?.addresses ?? demand.recorded;
  const outcome = allocator.adopt({ ...demand, recorded: ofItsFamilies(demand, held) });
  if (outcome.assignment === null) allocator.release(key, now);
  return outcome;
}

/** Tenancy governs what is newly given: who holds of the pool what it asks for has its wish. */
function refused({ refusal, keep: demand }: Refused, kept: Outcome | null): AllocationDecision {
  const isHad = refusal.code === "PoolNotRequestable" && kept?.assignment?.pool === refusal.pool;
  if (demand !== null && kept !== null && isHad && holdsAll(demand, kept.assignment)) {
    return { type: "Decided", demand, outcome: { ...kept, refusal: null } };
  }
  return { type: "Refused", refusal, kept };
}
