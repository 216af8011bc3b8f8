import type { Clock } from "../driver.ts";
import { addDeadline, createDeadlineHeap, earliestDeadline, removeDeadline, takeDue } from "../deadline-heap.ts";
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
  readonly order: number;
  readonly wake: () => void;
  isCancelled: boolean;
}

/** Makes a virtual clock that shows `start` milliseconds. */
export function createVirtualClock(start = 0): VirtualClock {
  let now = instant(start);
  let order = 0;
  const waiting = createDeadlineHeap<Waiter>();

  const advanceTo = (at: Instant): void => {
    for (let next = earliestDeadline(waiting); next !== null && next <= at; next = earliestDeadline(waiting)) {
      if (next > now) now = next;
      const due = takeDue(waiting, next).toSorted((a, b) => a.order - b.order);
      // A wake-up may cancel another of the same instant.
      for (const waiter of due) if (!waiter.isCancelled) waiter.wake();
    }
    if (at > now) now = at;
  };

  return {
    now: () => now,
    wakeAt(at, wake) {
      const waiter: Waiter = { order: order++, wake, isCancelled: false };
      addDeadline(waiting, waiter, at > now ? at : now);
      return () => {
        waiter.isCancelled = true;
        removeDeadline(waiting, waiter);
      };
    },
    advanceTo,
    advanceBy: (milliseconds) => advanceTo(instant(now + milliseconds)),
    nextWake: () => earliestDeadline(waiting),
  };
}
