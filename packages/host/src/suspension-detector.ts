import { sys } from "./sys.ts";

/** Clocks of `clock_gettime(2)`: the second goes on while the machine is suspended. */
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;
/** The clocks are read one after the other: a thread that lost the processor in between for longer, in milliseconds, reads them again. */
const READING = 1;
const READINGS = 5;

/** Finds out that the machine was suspended: its monotonic clock stood still with it, so that no loop was late by it. */
export class SuspensionDetector {
  readonly #limit: number;
  readonly #readSuspended: () => number | null;
  #suspended: number | null;

  /** `limit` is the longest suspension that does not count, in milliseconds. `readSuspended` is `suspendedTime`. */
  constructor(limit: number, readSuspended: () => number | null) {
    this.#limit = limit;
    this.#readSuspended = readSuspended;
    this.#suspended = readSuspended();
  }

  /** Returns for how many milliseconds the machine was suspended since the last call; 0 within the limit. */
  check(): number {
    const suspended = this.#readSuspended();
    if (suspended === null) return 0;
    const duration = suspended - (this.#suspended ?? suspended);
    this.#suspended = suspended;
    return duration > this.#limit ? duration : 0;
  }
}

const timespec: Uint8Array = new Uint8Array(16);
const fields: DataView = new DataView(timespec.buffer);

/** The milliseconds for which the machine was suspended since it started; null where the thread was interrupted each time that it read the clocks. */
export function suspendedTime(): number | null {
  for (let reading = 0; reading < READINGS; reading++) {
    const before = read(CLOCK_MONOTONIC);
    const boot = read(CLOCK_BOOTTIME);
    if (read(CLOCK_MONOTONIC) - before < READING) return boot - before;
  }
  return null;
}

function read(clock: number): number {
  if (sys.clock_gettime(clock, timespec) < 0) throw new Error(`clock_gettime failed with error number ${sys.errno()}`);
  return Number(fields.getBigInt64(0, true)) * 1_000 + Number(fields.getBigInt64(8, true)) / 1e6;
}
