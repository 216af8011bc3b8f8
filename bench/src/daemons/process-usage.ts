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

/** Ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Reads /proc/PID; throws when there is no such process. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may hold spaces and parentheses; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
    resident: megabytes("VmRSS"),
    peak: megabytes("VmHWM"),
  };
}
