import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** MetalLB's log levels, and pino's names for them. */
const LEVELS: Readonly<Record<string, string>> = {
  all: "trace",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  none: "silent",
};

/** The values that `--log-level` takes. */
export const LOG_LEVELS: readonly string[] = Object.keys(LEVELS);

/** Creates a log of JSON lines on standard output. A line is written before the call returns, so that a crash loses none. */
export function createLog(component: string, level: string): Logger {
  return pino(
    {
      level: LEVELS[level] ?? "info",
      base: { component },
      messageKey: "msg",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}
