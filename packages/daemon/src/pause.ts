import { type Clock, instant } from "@herald-lb/sansio";

/** Resolves after so many milliseconds on the clock. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.wakeAt(instant(clock.now() + milliseconds), resolve));
}
