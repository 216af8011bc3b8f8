import { type Clock, type Instant, instant } from "@herald-lb/sansio";

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
  let timedOut = false;
  const cancel = clock.wakeAt(instant(clock.now() + timeout), () => {
    timedOut = true;
    limit.abort();
  });
  try {
    return await withAnySignal([signal, limit.signal], (limited) => body(limited, () => timedOut));
  } finally {
    cancel();
  }
}

/**
 * Runs `body` with a signal that is aborted as soon as one of `signals` is. Unlike with `AbortSignal.any`, nothing is left on them
 * afterwards: one that lives as long as the process would collect a weak reference for every request.
 */
export async function withAnySignal<T>(
  signals: readonly AbortSignal[],
  body: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const abort = (): void => either.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  try {
    return await body(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}
