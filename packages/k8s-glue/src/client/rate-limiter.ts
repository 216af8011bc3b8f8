import type { Instant } from "@herald-lb/sansio";

/** The limits on retries of failed keys. Times in milliseconds. */
export interface RateLimits {
  /** The wait after the first failure of a key; doubled by every further one. */
  readonly baseDelay: number;
  readonly maxDelay: number;
  /** Retries a second over all keys, once `burst` of them are used up. */
  readonly rate: number;
  readonly burst: number;
}

/** client-go's DefaultTypedControllerRateLimiter: 5 ms to 1000 s a key, 10 retries a second over all with a burst of 100. */
export const defaultRateLimits: RateLimits = { baseDelay: 5, maxDelay: 1_000_000, rate: 10, burst: 100 };

/** A token bucket; a negative number of tokens is what was promised in advance. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: Instant;
}

/** Takes one token, on credit if need be. `delay` is how long its taker must wait for it, in milliseconds. */
export function takeToken(
  bucket: TokenBucket,
  limits: Pick<RateLimits, "rate" | "burst">,
  now: Instant,
): { readonly bucket: TokenBucket; readonly delay: number } {
  const refilled = Math.min(limits.burst, bucket.tokens + (Math.max(0, now - bucket.at) * limits.rate) / 1000);
  const tokens = refilled - 1;
  return { bucket: { tokens, at: now }, delay: tokens >= 0 ? 0 : (-tokens * 1000) / limits.rate };
}

/** The wait of a key that has failed `failures` times before. */
export function itemDelay(limits: Pick<RateLimits, "baseDelay" | "maxDelay">, failures: number): number {
  return Math.min(limits.maxDelay, limits.baseDelay * 2 ** Math.min(failures, 60));
}
