import type { Instant } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";

/** A running suspicion: the more nodes confirm it, the sooner it ends (Lifeguard's local health aware suspicion). */
export interface Suspicion {
  readonly startedAt: Instant;
  /** The first accuser and those who confirmed. */
  readonly confirmedBy: readonly NodeName[];
  /** How many confirmations bring the time down to `min`. */
  readonly expected: number;
  /** Milliseconds. */
  readonly min: number;
  /** Milliseconds. */
  readonly max: number;
  /** When the suspect is declared dead. */
  readonly deadline: Instant;
}
