import { setTimeout as wait } from "node:timers/promises";
import type { Daemon } from "@herald-lb/lab";
import { type MemoryParts, memoryOf, usageOf } from "./process-usage.ts";

/** A daemon has settled when it used next to no CPU for so long, milliseconds; waited for no longer than `LONGEST`. */
const QUIET = 3_000;
const LONGEST = 240_000;
/** Of one core, while nothing is to be done. */
const IDLE = 0.05;
/** Resident memory is steady when it moves by less than this over `STEADY_SAMPLES` samples. */
const STEADY = 0.005;
const STEADY_SAMPLES = 6;
const SAMPLE_EVERY = 2_500;

/** Waits until the daemon has nothing left to do: false where it never was quiet, and the longest wait is over. */
export async function untilQuiet(daemon: Daemon): Promise<boolean> {
  for (let waited = 0; waited < LONGEST; waited += QUIET) {
    const before = usageOf(daemon.pid).cpu;
    await wait(QUIET);
    if (usageOf(daemon.pid).cpu - before < (IDLE * QUIET) / 1_000) return true;
  }
  return false;
}

/** Samples the memory of a quiet daemon until it is steady: an idle V8 or Go gives memory back for some seconds. Returns the last sample. */
export async function untilSteady(daemon: Daemon): Promise<MemoryParts> {
  const samples: MemoryParts[] = [memoryOf(daemon.pid)];
  for (let waited = 0; waited < LONGEST; waited += SAMPLE_EVERY) {
    await wait(SAMPLE_EVERY);
    samples.push(memoryOf(daemon.pid));
    const recent = samples.slice(-STEADY_SAMPLES).map(({ resident }) => resident);
    const spread = Math.max(...recent) - Math.min(...recent);
    if (recent.length === STEADY_SAMPLES && spread < STEADY * Math.max(...recent)) break;
  }
  return memoryOf(daemon.pid);
}
