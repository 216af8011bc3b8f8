import type { Allocator, Demand, Outcome, PoolVerdict, ServiceKey } from "@herald-lb/allocator";
import type { Instant } from "@herald-lb/sansio";
import type { DemandReading } from "../demand/demand.ts";
import type { AllocationResult } from "./allocation-result.ts";
import { meetsDemand, ofItsFamilies } from "./meets-demand.ts";

/** The result for a Service before it is compared with its status. */
export type ProvisionalResult =
  | Extract<AllocationResult, { type: "NotOurs" | "Released" }>
  | Omit<Extract<AllocationResult, { type: "Refused" }>, "discrepancy" | "conflicts">
  | Omit<Extract<AllocationResult, { type: "Decided" }>, "discrepancy" | "ineligible" | "conflicts">;

type Refused = Extract<DemandReading, { type: "Refused" }>;

/** Assigns and releases addresses as a demand requires. */
export function allocate(
  allocator: Allocator,
  key: ServiceKey,
  reading: DemandReading,
  now: Instant,
): ProvisionalResult {
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

/** The result that `allocate` would return, with the verdict of every pool; changes nothing. */
export function dryRun(
  allocator: Allocator,
  key: ServiceKey,
  reading: DemandReading,
  now: Instant,
): { readonly provisional: ProvisionalResult; readonly pools: readonly PoolVerdict[] } {
  if (reading.type === "NotOurs" || reading.type === "Released") return { provisional: reading, pools: [] };
  if (reading.type === "Demand") {
    const { outcome, pools } = allocator.explain(reading.demand, now);
    return { provisional: { type: "Decided", demand: reading.demand, outcome }, pools };
  }
  if (reading.keep === null) return { provisional: refused(reading, null), pools: [] };
  const had = allocator.assignmentOf(key)?.addresses ?? reading.keep.recorded;
  const { outcome, pools } = allocator.explain({ ...reading.keep, pools: [] }, now);
  // The Service keeps what it holds and receives no other address, not even a reserved one.
  const addresses = outcome.assignment?.addresses.filter((address) => had.includes(address)) ?? [];
  const assignment =
    outcome.assignment === null || addresses.length === 0 ? null : { ...outcome.assignment, addresses };
  // The other pools were not asked: the request cannot be read.
  const holding = pools.filter(({ verdict }) => verdict === "Holds");
  return { provisional: refused(reading, { ...outcome, assignment, refusal: null }), pools: holding };
}

/** The demand of a reading, to be met or to be kept; null where there is none. */
export function demandOfReading(reading: DemandReading): Demand | null {
  if (reading.type === "Demand") return reading.demand;
  return reading.type === "Refused" ? reading.keep : null;
}

/** Keeps what a Service holds while its request cannot be read, and assigns nothing else. */
function keep(allocator: Allocator, key: ServiceKey, demand: Demand, now: Instant): Outcome {
  const held = allocator.assignmentOf(key)?.addresses ?? demand.recorded;
  const outcome = allocator.adopt({ ...demand, recorded: ofItsFamilies(demand, held) });
  if (outcome.assignment === null) allocator.release(key, now);
  return outcome;
}

/** A Service that holds all it requests of a pool keeps it: tenancy governs new assignments alone. */
function refused({ refusal, keep: demand }: Refused, kept: Outcome | null): ProvisionalResult {
  const isHad = refusal.code === "PoolNotRequestable" && kept?.assignment?.pool === refusal.pool;
  if (demand !== null && kept !== null && isHad && meetsDemand(demand, kept.assignment)) {
    return { type: "Decided", demand, outcome: { ...kept, refusal: null } };
  }
  return { type: "Refused", refusal, kept };
}
