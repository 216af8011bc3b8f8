import { type Clock, type Instant, instant } from "@herald-lb/sansio";

/** The longest delay `setTimeout` takes; a longer one fires at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * Milliseconds of the system's monotonic clock. Unlike `performance.now`, whose origin is each thread's own start, the value is
 * comparable between threads.
 */
export function monotonicNow(): Instant {
  const [seconds, nanoseconds] = process.hrtime();
  return instant(seconds * 1000 + nanoseconds / 1e6);
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
