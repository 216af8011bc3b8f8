import type { Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { IpAddress } from "@herald-lb/sansio";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { EligiblePools } from "../demand/eligible-pools.ts";
import { type AllocationResult, type Discrepancy, summaryOf } from "./allocation-result.ts";

/** What the book remembers of one Service of ours. It refers to what others keep anyway, so that many cost little. */
export interface LedgerEntry {
  /** As it was reconciled last; null while it was only adopted. */
  readonly service: Service | null;
  /** The pools that were there for it then. */
  readonly eligible: EligiblePools | null;
  /** Why its wish is not met whole; null when it is. */
  readonly refusal: Refusal | DemandRefusal | null;
  /** Whether its status was seen to name what it holds. */
  readonly isConfirmed: boolean;
  /** Why what its status named before was given up; null when it was not, or once the status names what it holds. */
  readonly removalReason: Refusal | null;
  /** The issues of its annotations that were said, as text. */
  readonly reportedIssues: string;
}

/** The entry of a Service that was never looked at. */
export const emptyEntry: LedgerEntry = {
  service: null,
  eligible: null,
  refusal: null,
  isConfirmed: false,
  removalReason: null,
  reportedIssues: "",
};

/**
 * Compares what a Service's status names with what it holds, and says where a difference is from: from a decision whose outcome is not
 * written yet, or from somebody else's hand.
 */
export function discrepancyOf(
  entry: LedgerEntry,
  recorded: readonly IpAddress[],
  held: readonly IpAddress[],
  outcome: { readonly hasMoved: boolean; readonly removalReason: Refusal | null },
): Pick<LedgerEntry, "isConfirmed" | "removalReason"> & { readonly discrepancy: Discrepancy["type"] | null } {
  if (sameSet(recorded, held)) return { isConfirmed: true, removalReason: null, discrepancy: null };
  if (entry.isConfirmed && !outcome.hasMoved) return { isConfirmed: true, removalReason: null, discrepancy: "Edited" };
  const removalReason = outcome.removalReason ?? entry.removalReason;
  return { isConfirmed: false, removalReason, discrepancy: removalReason === null ? null : "Removed" };
}

/** Why a Service waits, by its result. */
export function refusalOf(result: AllocationResult): Refusal | DemandRefusal | null {
  if (result.type === "NotOurs" || result.type === "Released") return null;
  return summaryOf(result).refusal;
}

/** Whether two lists hold the same addresses, in whatever order. */
export function sameSet(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
