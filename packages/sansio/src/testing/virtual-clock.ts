import type { Clock } from "../driver.ts";
import { type Instant, instant } from "../machine.ts";

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Moves to `at`, calling every wake-up that is due on the way, each at its own instant, in order. */
  readonly advanceTo: (at: Instant) => void;
  /** Moves on by a number of milliseconds. */
  readonly advanceBy: (milliseconds: number) => void;
  /** The instant of the next wake-up; null where none is pending. */
  readonly nextWake: () => Instant | null;
}

interface Waiter {
  readonly at: Instant;
  readonly order: number;
  readonly wake: () => void;
}

/** Makes a virtual clock that shows `start` milliseconds. */
export function createVirtualClock(start = 0): VirtualClock {
  let now = instant(start);
  let order = 0;
  const waiting = new Set<Waiter>();

  const first = (): Waiter | null => {
    let best: Waiter | null = null;
    for (const waiter of waiting) {
      if (best === null || waiter.at < best.at || (waiter.at === best.at && waiter.order < best.order)) best = waiter;
    }
    return best;
  };

  const advanceTo = (at: Instant): void => {
    for (let next = first(); next !== null && next.at <= at; next = first()) {
      waiting.delete(next);
      if (next.at > now) now = next.at;
      next.wake();
    }
    if (at > now) now = at;
  };

  return {
    now: () => now,
    wakeAt(at, wake) {
      const waiter: Waiter = { at: at > now ? at : now, order: order++, wake };
      waiting.add(waiter);
      return () => void waiting.delete(waiter);
    },
    advanceTo,
    advanceBy: (milliseconds) => advanceTo(instant(now + milliseconds)),
    nextWake: () => first()?.at ?? null,
  };
}
