import type { Assignment, Demand, Outcome, Refusal } from "@herald-lb/allocator";
import type { NodeConflict } from "@herald-lb/k8s-glue/metallb";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { IneligiblePool } from "../demand/ineligible-pools.ts";

/**
 * The reason why a Service's status names addresses that the ledger does not assign to it. `Removed`: the Service held them and
 * cannot keep them, or another controller wrote them and they are not free; the new status follows. `Edited`: somebody changed the
 * status; `because` is why the Service cannot have what they wrote, null when it did not request that.
 */
export type Discrepancy =
  | { readonly type: "Removed"; readonly because: Refusal }
  | { readonly type: "Edited"; readonly because: Refusal | null };

/** The wanted status of a Service, and the reason. */
export type AllocationResult =
  /** The Service belongs to another load balancer: nothing is written, not even over what this one wrote before. */
  | { readonly type: "NotOurs" }
  /** The Service holds nothing and requests nothing: its status is emptied. */
  | { readonly type: "Released" }
  /** The request can be met by no pool; the Service keeps what it holds. */
  | {
      readonly type: "Refused";
      readonly refusal: DemandRefusal;
      readonly kept: Outcome | null;
      readonly discrepancy: Discrepancy | null;
      /** The stations that have addresses which the Service keeps; none where absent. */
      readonly conflicts?: readonly NodeConflict[];
    }
  | {
      readonly type: "Decided";
      readonly demand: Demand;
      readonly outcome: Outcome;
      /** The ineligible pools, where the refusal is that no pool is eligible; empty otherwise, and where there are no pools. */
      readonly ineligible: readonly IneligiblePool[];
      readonly discrepancy: Discrepancy | null;
      /** The stations that have addresses which the Service holds; none where absent. */
      readonly conflicts?: readonly NodeConflict[];
    };

/** The result for a Service of this instance in short. */
export interface Summary {
  readonly assignment: Assignment | null;
  /** The part of the request that is not met, and why; null when all of it is met. */
  readonly refusal: Refusal | DemandRefusal | null;
  /** The ineligible pools, where the refusal is that no pool is eligible. */
  readonly ineligible: readonly IneligiblePool[];
  /** True if the Service has everything it requires; it may lack what it only prefers. */
  readonly isMet: boolean;
}

/** Summarizes a result. */
export function summaryOf(result: Extract<AllocationResult, { type: "Refused" | "Decided" }>): Summary {
  if (result.type === "Refused") {
    return { assignment: result.kept?.assignment ?? null, refusal: result.refusal, ineligible: [], isMet: false };
  }
  const { demand, outcome, ineligible } = result;
  const { assignment, refusal } = outcome;
  const prefers = demand.families.type === "PreferBoth" && demand.requested.length === 0;
  // Addresses that the Service keeps until its requested pool has some are not what it requests.
  const isOfItsPools = assignment !== null && demand.permitted.includes(assignment.pool);
  return { assignment, refusal, ineligible, isMet: refusal === null || (prefers && isOfItsPools) };
}
