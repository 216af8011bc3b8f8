import type { Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { IpAddress } from "@herald-lb/sansio";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { EligiblePools } from "../demand/eligible-pools.ts";
import { type AllocationResult, type Discrepancy, summaryOf } from "./allocation-result.ts";

/** The ledger's entry for one Service. It refers to objects that are cached anyway, so that many entries cost little. */
export interface LedgerEntry {
  /** The Service as it was at its last reconcile; null while it was only adopted. */
  readonly service: Service | null;
  /** The pools that the Service could use then. */
  readonly eligible: EligiblePools | null;
  /** The part of the request that is not met, and why; null when all of it is met. */
  readonly refusal: Refusal | DemandRefusal | null;
  /** True if the Service's status was seen with the addresses that it holds. */
  readonly isConfirmed: boolean;
  /**
   * The reason why the Service lost the addresses that its status still names; null when it lost none, and once the status names
   * what it holds.
   */
  readonly removalReason: Refusal | null;
  /** The messages of the annotation issues that were reported, as text. */
  readonly reportedIssues: string;
}

/** The entry of a Service before its first reconcile. */
export const emptyEntry: LedgerEntry = {
  service: null,
  eligible: null,
  refusal: null,
  isConfirmed: false,
  removalReason: null,
  reportedIssues: "",
};

/**
 * Compares the addresses in a Service's status with those it holds, and tells the origin of a difference: a decision that is not
 * written yet, or an edit by somebody else.
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

/** The refusal of a result; null where there is none. */
export function refusalOf(result: AllocationResult): Refusal | DemandRefusal | null {
  if (result.type === "NotOurs" || result.type === "Released") return null;
  return summaryOf(result).refusal;
}

/** True if two lists have the same addresses in any order. */
export function sameSet(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
