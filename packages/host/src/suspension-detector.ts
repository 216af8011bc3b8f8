import { type Instant, instant } from "@herald-lb/sansio";
import { monotonicNow } from "./clock.ts";
import { sys } from "./sys.ts";

/** The clock of `clock_gettime(2)` that goes on while the machine is suspended. */
const CLOCK_BOOTTIME = 7;
/** The clocks are read one after the other: a thread that lost the processor in between for longer, in milliseconds, reads them again. */
const READING = 1;
const READINGS = 5;

/** Two clocks of the system, both in milliseconds. */
export interface SystemClocks {
  /** The time since the machine started, without the time in which it was suspended. */
  readonly monotonic: () => Instant;
  /** The time since the machine started, with the time in which it was suspended. */
  readonly boot: () => number;
}

/** Finds out that the machine was suspended: its monotonic clock stood still with it, so that no loop was late by it. */
export class SuspensionDetector {
  readonly #limit: number;
  readonly #clocks: SystemClocks;
  #suspended: number | null;

  /** `limit` is the longest suspension that does not count, in milliseconds. */
  constructor(limit: number, clocks: SystemClocks) {
    this.#limit = limit;
    this.#clocks = clocks;
    this.#suspended = suspendedTime(clocks);
  }

  /**
   * Returns for how many milliseconds the machine was suspended since the last call; 0 within the limit. `now` is the monotonic clock of a moment ago: an
   * awake machine then costs one reading of a clock, which a loop can pay for every frame.
   */
  check(now: Instant): number {
    const known = this.#suspended;
    if (known !== null && this.#clocks.boot() - now - known <= this.#limit) return 0;
    const suspended = suspendedTime(this.#clocks);
    if (suspended === null) return 0;
    const duration = suspended - (known ?? suspended);
    this.#suspended = suspended;
    return duration > this.#limit ? duration : 0;
  }
}

/** The clocks of this machine. */
export const systemClocks: SystemClocks = { monotonic: monotonicNow, boot: bootNow };

/** The milliseconds for which the machine was suspended since it started; null where the thread was interrupted each time that it read the clocks. */
export function suspendedTime({ monotonic, boot }: SystemClocks): number | null {
  for (let reading = 0; reading < READINGS; reading++) {
    const before = monotonic();
    const sinceStart = boot();
    if (monotonic() - before < READING) return sinceStart - before;
  }
  return null;
}

const timespec: Uint8Array = new Uint8Array(16);
const fields: DataView = new DataView(timespec.buffer);

function bootNow(): number {
  if (sys.clock_gettime(CLOCK_BOOTTIME, timespec) < 0)
    throw new Error(`clock_gettime failed with error number ${sys.errno()}`);
  // The upper half of the seconds is 0 for the next 136 years of uptime; a BigInt would be an allocation.
  return instant(fields.getUint32(0, true) * 1_000 + fields.getUint32(8, true) / 1e6);
}
