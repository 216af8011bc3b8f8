import type { Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { IpAddress } from "@herald-lb/sansio";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { EligiblePools } from "../demand/eligible-pools.ts";
import { type Discrepancy, type Settlement, standingOf } from "./settlement.ts";

/** What the book remembers of one Service of ours. It refers to what others keep anyway, so that many cost little. */
export interface Entry {
  /** As it was settled last; null while it was only adopted. */
  readonly service: Service | null;
  /** The pools that were there for it then. */
  readonly eligible: EligiblePools | null;
  /** Why its wish is not met whole; null when it is. */
  readonly refusal: Refusal | DemandRefusal | null;
  /** Whether its status was seen to name what it holds. */
  readonly isConfirmed: boolean;
  /** Why what its status named before was given up; null when it was not, or once the status names what it holds. */
  readonly givenUp: Refusal | null;
  /** The issues of its annotations that were said, as text. */
  readonly noticed: string;
}

/** The entry of a Service that was never looked at. */
export const noEntry: Entry = {
  service: null,
  eligible: null,
  refusal: null,
  isConfirmed: false,
  givenUp: null,
  noticed: "",
};

/**
 * Compares what a Service's status names with what it holds, and says where a difference is from: from a decision whose outcome is not
 * written yet, or from somebody else's hand.
 */
export function discrepancyOf(
  entry: Entry,
  recorded: readonly IpAddress[],
  held: readonly IpAddress[],
  outcome: { readonly hasMoved: boolean; readonly givenUp: Refusal | null },
): Pick<Entry, "isConfirmed" | "givenUp"> & { readonly discrepancy: Discrepancy["type"] | null } {
  if (sameSet(recorded, held)) return { isConfirmed: true, givenUp: null, discrepancy: null };
  if (entry.isConfirmed && !outcome.hasMoved) return { isConfirmed: true, givenUp: null, discrepancy: "Edited" };
  const givenUp = outcome.givenUp ?? entry.givenUp;
  return { isConfirmed: false, givenUp, discrepancy: givenUp === null ? null : "GivenUp" };
}

/** Why a Service waits, by its settlement. */
export function refusalOf(settlement: Settlement): Refusal | DemandRefusal | null {
  if (settlement.type === "NotOurs" || settlement.type === "Released") return null;
  return standingOf(settlement).refusal;
}

/** Whether two lists hold the same addresses, in whatever order. */
export function sameSet(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
