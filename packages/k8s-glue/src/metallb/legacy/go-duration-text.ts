/** A duration in milliseconds as Go's `time.Duration` prints it: `1m30s`, `1.5s`, `500ms`, `0s`. It is rounded to nanoseconds. */
export function goDurationText(milliseconds: number): string {
  const nanoseconds = BigInt(Math.round(milliseconds * 1e6));
  if (nanoseconds < 0n) return `-${goDurationText(-milliseconds)}`;
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 6)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** A number of units of 10^-digits as decimal text, without trailing zeros. */
function decimal(count: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction = String(count % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(count / unit) : `${count / unit}.${fraction}`;
}
