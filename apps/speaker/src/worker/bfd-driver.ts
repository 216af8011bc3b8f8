import { type BfdEffect, type BfdEvent, type BfdState, createBfd, createBfdState } from "@herald-lb/bfd";
import { type Clock, createDriver, type Driver } from "@herald-lb/sansio";

/** The lateness of the loop that is no pause, in milliseconds: six busy programs on two cores make it 6 at most. */
const PAUSE_TOLERANCE = 10;

/** Starts a BFD machine without sessions. `seed` is 32 octets of the system's randomness. */
export function startBfd(
  clock: Clock,
  seed: Uint8Array,
  perform: (effect: BfdEffect) => void,
): Driver<BfdState, BfdEvent> {
  const config = { seed, pauseTolerance: PAUSE_TOLERANCE };
  return createDriver({ machine: createBfd(config), initial: createBfdState(config), perform, clock });
}
