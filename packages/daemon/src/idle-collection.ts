import { type Clock, instant } from "@herald-lb/sansio";

/** The time between two looks at the process, in milliseconds. */
const INTERVAL = 5_000;
/** The part of a core that a process without work uses at most. */
const IDLE = 0.1;
/** The growth of the heap since the last collection that is worth another one, in octets. */
const WORTH = 2_000_000;

/** The process as the collection sees it. */
export interface CollectedProcess {
  /** The CPU time of all threads so far, in milliseconds. */
  readonly cpu: () => number;
  /** The octets in use on this thread's heap, garbage included. */
  readonly used: () => number;
  /** Collects all garbage and gives free memory back to the system. */
  readonly collect: () => void;
}

/**
 * Collects garbage whenever a burst of work has ended. V8 collects when it allocates: a daemon that rests after a burst, most of its time,
 * would hold the garbage of the burst for hours.
 */
export function collectWhenIdle(clock: Clock, observed: CollectedProcess): void {
  let cpu = observed.cpu();
  let least = 0;
  const look = (): void => {
    const now = observed.cpu();
    const idle = now - cpu < IDLE * INTERVAL;
    cpu = now;
    if (idle && observed.used() > least + WORTH) {
      observed.collect();
      least = observed.used();
      cpu = observed.cpu();
    }
    clock.wakeAt(instant(clock.now() + INTERVAL), look);
  };
  clock.wakeAt(instant(clock.now() + INTERVAL), look);
}

/** This process; null where Node was started without `--expose-gc`. */
export function thisProcess(): CollectedProcess | null {
  const collect = globalThis.gc;
  if (collect === undefined) return null;
  return {
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    used: () => process.memoryUsage().heapUsed,
    collect: () => {
      collect({ type: "major", execution: "sync", flavor: "last-resort" });
    },
  };
}
