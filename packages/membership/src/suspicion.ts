import type { Instant } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";

/** A running suspicion: the more nodes confirm it, the sooner it ends (Lifeguard's local health aware suspicion). */
export interface Suspicion {
  readonly startedAt: Instant;
  /** The node that suspected first, and those that confirmed. */
  readonly confirmedBy: readonly NodeName[];
  /** The number of confirmations that bring the time down to `min`. */
  readonly expected: number;
  /** Milliseconds. */
  readonly min: number;
  /** Milliseconds. */
  readonly max: number;
  /** When the suspect is declared dead. */
  readonly deadline: Instant;
}
