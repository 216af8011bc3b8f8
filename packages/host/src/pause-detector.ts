import { type Instant, instant } from "@herald-lb/sansio";

/** Finds out that a loop stood still: its process was stopped, or its thread starved of the processor. */
export class PauseDetector {
  readonly #limit: number;
  #expected: Instant;

  /** `limit` is the longest that the loop may be late without its counting as a pause, in milliseconds. */
  constructor(limit: number, now: Instant) {
    this.#limit = limit;
    this.#expected = now;
  }

  /** Takes note that the loop runs. Returns for how many milliseconds it stood still since it was last expected to run; 0 within the limit. */
  check(now: Instant): number {
    const late = now - this.#expected;
    this.#expected = now;
    return late > this.#limit ? late : 0;
  }

  /** Takes note that the loop goes to sleep, until `wakeAt` at the latest. */
  sleepUntil(wakeAt: Instant): void {
    this.#expected = instant(Math.max(this.#expected, wakeAt));
  }
}
