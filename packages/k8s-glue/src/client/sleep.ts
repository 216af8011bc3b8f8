import type { Clock, Instant } from "@herald-lb/sansio";
import { instant } from "@herald-lb/sansio";

/** Resolves at `until` on the clock, or as soon as the signal is aborted. */
export function sleep(clock: Clock, until: Instant, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.wakeAt(until, end);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** Runs `body` with a signal that also aborts after `timeout` milliseconds on the clock; `timedOut` says whether that happened. */
export async function withTimeout<T>(
  clock: Clock,
  timeout: number,
  signal: AbortSignal,
  body: (limited: AbortSignal, timedOut: () => boolean) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancel = clock.wakeAt(instant(clock.now() + timeout), () => limit.abort());
  try {
    return await body(AbortSignal.any([signal, limit.signal]), () => limit.signal.aborted);
  } finally {
    cancel();
  }
}
