const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration as Go's time.ParseDuration does (`90s`, `1m30s`, `0`, `1.5h`). Returns milliseconds, or null for text that is no
 * duration.
 */
export function parseGoDuration(text: string): number | null {
  const [, sign, magnitude = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (magnitude === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(magnitude)) return null;
  let milliseconds = 0;
  for (const [, value, unit] of magnitude.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    milliseconds += Number(value) * (units[unit ?? ""] ?? 0);
  }
  return sign === "-" ? -milliseconds : milliseconds;
}
