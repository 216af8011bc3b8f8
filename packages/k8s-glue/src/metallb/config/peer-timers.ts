import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";

/** Both timers of a peer in whole seconds; null leaves them to the speaker's defaults. */
export type PeerTimers = { readonly holdTime: number; readonly keepaliveTime: number } | null;

/** The field that is wrong, and why. */
export interface TimerError {
  readonly field: "holdTime" | "keepaliveTime";
  readonly message: string;
}

/**
 * Completes the timers of a peer: the keepalive interval is a third of the Hold Time, or the Hold Time three intervals. The Hold
 * Time is truncated to whole seconds and must be 0, which disables both timers, or at least 3 s (RFC 4271 §4.2).
 */
export function peerTimers(
  holdText: string | undefined,
  keepaliveText: string | undefined,
): Result<PeerTimers, TimerError> {
  const hold = milliseconds(holdText);
  const keepalive = milliseconds(keepaliveText);
  if (hold === "bad") return err({ field: "holdTime", message: `"${holdText}" is not a duration, for example 90s` });
  if (keepalive === "bad")
    return err({ field: "keepaliveTime", message: `"${keepaliveText}" is not a duration, for example 30s` });
  if (hold === null && keepalive === null) return ok(null);
  const proposed = hold ?? (keepalive ?? 0) * 3;
  const holdTime = Math.trunc(proposed / 1000);
  if (holdTime < 0 || holdTime > 65_535 || (holdTime !== 0 && holdTime < 3)) {
    const field = hold === null ? "keepaliveTime" : "holdTime";
    return err({ field, message: `Hold Time of ${proposed} ms is neither 0 nor from 3 to 65535 s` });
  }
  if (keepalive !== null && keepalive > proposed) {
    return err({ field: "keepaliveTime", message: `"${keepaliveText}" is longer than the Hold Time` });
  }
  const interval = keepalive === null ? holdTime / 3 : keepalive / 1000;
  return ok({ holdTime, keepaliveTime: holdTime === 0 ? 0 : Math.max(1, Math.trunc(interval)) });
}

function milliseconds(text: string | undefined): number | null | "bad" {
  if (text === undefined || text === "") return null;
  const duration = parseGoDuration(text);
  return duration === null || duration < 0 ? "bad" : duration;
}
