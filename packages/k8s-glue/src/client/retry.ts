import type { ApiError } from "./api-error.ts";

/** The longest Retry-After that a request waits out by itself, in milliseconds; a longer one is handed to the caller. */
export const MAX_RETRY_AFTER = 60_000;
const firstDelay = 200;
const longestDelay = 10_000;

/**
 * True if a request may be sent again. 429 means that the server did nothing, so any method may; after any other failure the server
 * may have acted, so only an idempotent request may.
 */
export function isRetriable(error: ApiError, idempotent: boolean): boolean {
  if (error.retryAfter !== null && error.retryAfter > MAX_RETRY_AFTER) return false;
  switch (error.code) {
    case "TooManyRequests":
      return true;
    case "InternalError":
    case "Unavailable":
    case "Timeout":
    case "Unreachable":
    case "BadResponse":
      return idempotent;
    default:
      return false;
  }
}

/**
 * Milliseconds to wait before attempt `attempt` + 1, counted from 0: exponential with full jitter, or Retry-After and up to a
 * quarter of it more, so that clients do not return at the same moment. `random` is in [0, 1).
 */
export function retryDelay(error: ApiError, attempt: number, random: number): number {
  if (error.retryAfter !== null) return error.retryAfter * (1 + random / 4);
  return random * Math.min(longestDelay, firstDelay * 2 ** attempt);
}
