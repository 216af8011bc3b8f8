import { readFileSync } from "node:fs";

/** The resources that a process has used so far. */
export interface ProcessUsage {
  /** Seconds of CPU, of all its threads, in user mode and in the kernel. */
  readonly cpu: number;
  /** Resident memory now, MB of 10^6 octets. */
  readonly resident: number;
  /** Resident memory at its highest, MB. */
  readonly peak: number;
}

/** Resident memory by what is behind it, MB of 10^6 octets. */
export interface MemoryParts {
  /** The whole. */
  readonly resident: number;
  /** The process's own: heaps, stacks, and pages of a file that it has changed. */
  readonly anonymous: number;
  /** Pages of programs and libraries, which the processes of a machine share and the kernel may take back. */
  readonly file: number;
}

/** Ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Reads /proc/PID; throws when there is no such process. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may hold spaces and parentheses; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
    resident: megabytes(status, "VmRSS"),
    peak: megabytes(status, "VmHWM"),
  };
}

/** Reads /proc/PID/smaps_rollup; throws when there is no such process. */
export function memoryOf(pid: number): MemoryParts {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const resident = megabytes(rollup, "Rss");
  const anonymous = megabytes(rollup, "Anonymous");
  return { resident, anonymous, file: resident - anonymous };
}

function megabytes(text: string, name: string): number {
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? Number.NaN) * 1024) / 1e6;
}
