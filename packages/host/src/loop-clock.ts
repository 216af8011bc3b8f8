import { type Clock, type Instant, instant } from "@herald-lb/sansio";

/** Wake-ups kept for a loop that asks when it must next look up, and then fires what is due. */
export interface LoopClock extends Clock {
  /** The earliest wake-up asked for; null while there is none. */
  readonly nextWake: () => Instant | null;
  /** Calls every wake-up due at the present. One asked for meanwhile waits for the next call, even if it is due. */
  readonly fireDue: () => void;
}

interface Wake {
  readonly at: Instant;
  readonly wake: () => void;
}

/** A loop's clock on top of `now`. */
export function createLoopClock(now: () => Instant): LoopClock {
  // Sorted by time, latest first: the next one is popped from the end, and a loop holds tens of them, not thousands.
  const wakes: Wake[] = [];
  return {
    now,
    wakeAt: (at, wake) => {
      const entry: Wake = { at, wake };
      let position = wakes.length;
      while (position > 0 && (wakes[position - 1] as Wake).at <= at) position--;
      wakes.splice(position, 0, entry);
      return () => {
        const index = wakes.indexOf(entry);
        if (index >= 0) wakes.splice(index, 1);
      };
    },
    nextWake: () => wakes.at(-1)?.at ?? null,
    fireDue: () => {
      const present = now();
      const next = wakes.at(-1);
      if (next === undefined || next.at > present) return;
      const due = wakes.filter(({ at }) => at <= present).reverse();
      // One by one from the live list: a wake-up may cancel another that is due in the same round.
      for (const entry of due) {
        const index = wakes.indexOf(entry);
        if (index < 0) continue;
        wakes.splice(index, 1);
        entry.wake();
      }
    },
  };
}

/** The timeout for `poll(2)` until `next`: whole milliseconds rounded up, at most `cap`. */
export function pollTimeout(next: Instant | null, present: Instant, cap: number): number {
  if (next === null) return cap;
  return Math.min(cap, Math.max(0, Math.ceil(instant(next - present))));
}
