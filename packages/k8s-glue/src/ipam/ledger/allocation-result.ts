import type { Assignment, Demand, Outcome, Refusal } from "@herald-lb/allocator";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { IneligiblePool } from "../demand/ineligible-pools.ts";

/**
 * Why a Service's status names addresses that it does not hold. `Removed`: they were its own and cannot stay, or were another
 * controller's and are not to be had; the new status follows. `Edited`: somebody wrote over what it was given; `because` says why it
 * could not have had what they wrote, null when it only never asked for that.
 */
export type Discrepancy =
  | { readonly type: "Removed"; readonly because: Refusal }
  | { readonly type: "Edited"; readonly because: Refusal | null };

/** What a Service's status shall say, and why. */
export type AllocationResult =
  /** Of another load balancer: nothing is written, not even what this one may have written when the Service was its own. */
  | { readonly type: "NotOurs" }
  /** It holds nothing and shall not: the status is emptied. */
  | { readonly type: "Released" }
  /** The Service asks for something that no pool is even looked at for; it keeps what it holds. */
  | {
      readonly type: "Refused";
      readonly refusal: DemandRefusal;
      readonly kept: Outcome | null;
      readonly discrepancy: Discrepancy | null;
    }
  | {
      readonly type: "Decided";
      readonly demand: Demand;
      readonly outcome: Outcome;
      /** Why no pool is for it, where that is its refusal; empty where it is not, or there is no pool at all. */
      readonly ineligible: readonly IneligiblePool[];
      readonly discrepancy: Discrepancy | null;
    };

/** What a result comes to for a Service of ours. */
export interface Summary {
  readonly assignment: Assignment | null;
  /** What of the wish is not met, and why; null when it is met whole. */
  readonly refusal: Refusal | DemandRefusal | null;
  /** The pools that are not for it, where that is its refusal. */
  readonly ineligible: readonly IneligiblePool[];
  /** Whether the Service has all that it insists on: what is missing, if anything, it merely prefers. */
  readonly isMet: boolean;
}

/** Sums a result up. */
export function summaryOf(result: Extract<AllocationResult, { type: "Refused" | "Decided" }>): Summary {
  if (result.type === "Refused") {
    return { assignment: result.kept?.assignment ?? null, refusal: result.refusal, ineligible: [], isMet: false };
  }
  const { demand, outcome, ineligible } = result;
  const { assignment, refusal } = outcome;
  const prefers = demand.families.type === "PreferBoth" && demand.requested.length === 0;
  // What it only keeps until the pool that it asks for has something is not what it asks for.
  const isOfItsPools = assignment !== null && demand.permitted.includes(assignment.pool);
  return { assignment, refusal, ineligible, isMet: refusal === null || (prefers && isOfItsPools) };
}
