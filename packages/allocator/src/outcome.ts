import type { IpAddress } from "@herald-lb/sansio";
import type { Refusal } from "./refusal.ts";

/** What a service holds: one pool, its addresses IPv4 before IPv6, each family in ascending order. */
export interface Assignment {
  readonly pool: string;
  readonly addresses: readonly IpAddress[];
}

/**
 * How an answer differs from what was before. `Kept`: not at all. `Assigned`: other addresses. `Extended`: more beside those held.
 * `Reduced`: fewer. `Released`: nothing left. `Pending`: nothing, as before.
 */
export type Change = "Kept" | "Assigned" | "Extended" | "Reduced" | "Released" | "Pending";

/** What became of a demand. */
export interface Outcome {
  /** What the service holds now; null for nothing. */
  readonly assignment: Assignment | null;
  readonly change: Change;
  /** Which part of the wish could not be met, and why; null when it is met whole. */
  readonly refusal: Refusal | null;
  /** Why what the service held before could not stay; null when it stayed. */
  readonly removalReason: Refusal | null;
}
