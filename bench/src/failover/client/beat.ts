import { type Clock, instant } from "@herald-lb/sansio";

/** Requests on a fixed beat. */
export interface Beat {
  /** Ends it; the most that a request was late, in milliseconds. */
  readonly end: () => number;
}

/** Calls `send` every `every` milliseconds. Beats that were missed are not made up for: a late client asks less, and tells how late it was. */
export function startBeat(clock: Clock, every: number, send: (now: number) => void): Beat {
  let late = 0;
  let due = clock.now() + every;
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.wakeAt(instant(due), () => {
      const now = clock.now();
      late = Math.max(late, now - due);
      send(now);
      while (due <= now) due += every;
      arm();
    });
  };
  arm();
  return {
    end: () => {
      cancel();
      return late;
    },
  };
}
