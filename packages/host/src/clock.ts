import { type Clock, type Instant, instant } from "@herald-lb/sansio";

/** The longest delay `setTimeout` takes; a longer one fires at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The readings of which the one with the least time in it says where the origin of this thread's `performance.now` is. */
const READINGS = 20;

/**
 * The clock reading at which `performance.now` of this thread was 0, in milliseconds. `process.hrtime` alone would do, but takes twice
 * as long, and the worker reads the clock twice for each frame.
 */
const origin = originOfThread();

/**
 * Milliseconds of the system's monotonic clock. Unlike `performance.now`, whose origin is each thread's own start, the value is
 * comparable between threads.
 */
export function monotonicNow(): Instant {
  return instant(origin + performance.now());
}

function originOfThread(): number {
  let shortest = Infinity;
  let found = 0;
  for (let reading = 0; reading < READINGS; reading++) {
    const before = highResolutionTime();
    const since = performance.now();
    const took = highResolutionTime() - before;
    if (took >= shortest) continue;
    shortest = took;
    found = before + took / 2 - since;
  }
  return found;
}

function highResolutionTime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The clock of a thread that runs Node's event loop. For a thread that blocks in `PollLoop.run`, use the loop's own. */
export function monotonicClock(): Clock {
  return {
    now: monotonicNow,
    wakeAt: (at, wake) => {
      let cancel = (): void => {};
      const arm = (): void => {
        const delay = at - monotonicNow();
        if (delay <= 0) {
          const immediate = setImmediate(wake);
          cancel = () => clearImmediate(immediate);
          return;
        }
        // A timer may fire up to a millisecond early against this clock, and delays are capped: hence the second look.
        const timeout = setTimeout(
          () => (monotonicNow() >= at ? wake() : arm()),
          Math.min(Math.ceil(delay), LONGEST_TIMEOUT),
        );
        cancel = () => clearTimeout(timeout);
      };
      arm();
      return () => cancel();
    },
  };
}
