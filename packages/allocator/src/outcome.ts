import type { IpAddress } from "@herald-lb/sansio";
import type { Refusal } from "./refusal.ts";

/** The addresses that a service holds: all of one pool, IPv4 before IPv6, each family in ascending order. */
export interface Assignment {
  readonly pool: string;
  readonly addresses: readonly IpAddress[];
}

/**
 * The difference between an outcome and what the service held before. `Kept`: none. `Assigned`: other addresses. `Extended`: more
 * beside those held. `Reduced`: fewer. `Released`: none are left. `Pending`: none, as before.
 */
export type Change = "Kept" | "Assigned" | "Extended" | "Reduced" | "Released" | "Pending";

/** The outcome of a demand. */
export interface Outcome {
  /** The addresses that the service holds now; null if it holds none. */
  readonly assignment: Assignment | null;
  readonly change: Change;
  /** The reason why a part of the demand is not met; null if it is met completely. */
  readonly refusal: Refusal | null;
  /** The reason why an address that the service held before could not stay; null if all stayed. */
  readonly removalReason: Refusal | null;
}
