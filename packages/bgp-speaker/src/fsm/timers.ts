import { type Instant, instant } from "@herald-lb/sansio";
import type { SessionMemory } from "./state.ts";

/** The "large value" of the HoldTimer in OpenSent, RFC 4271 §8.2.2, in milliseconds. */
export const LARGE_HOLD_TIME: number = 240_000;

/** The first IdleHoldTime, in milliseconds; it doubles with the ConnectRetryCounter. */
export const IDLE_HOLD_TIME: number = 1_000;

/** The longest IdleHoldTime, in milliseconds. */
export const IDLE_HOLD_TIME_MAX: number = 120_000;

/** The time in Established after which the end of a session counts as the first failure again, in milliseconds. */
export const STABLE_TIME: number = 60_000;

/** The least Send Hold Time, RFC 9687 §4: eight minutes, in milliseconds. */
export const SEND_HOLD_TIME_MIN: number = 480_000;

/** The next number of a pseudo-random sequence (mulberry32), and a factor from 0.75 to 1 made of it: the jitter of RFC 4271 §10. */
export function drawJitter(random: number): { readonly random: number; readonly factor: number } {
  const next = (random + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { random: next, factor: 0.75 + (((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * 0.25 };
}

/** The IdleHoldTime after so many failures in a row, in milliseconds before jitter. */
export function idleHoldTime(failures: number): number {
  return Math.min(IDLE_HOLD_TIME_MAX, IDLE_HOLD_TIME * 2 ** Math.min(Math.max(failures - 1, 0), 30));
}

/** A timer of `duration` milliseconds with jitter from `memory`, and the memory to go on with. */
export function jittered(
  memory: SessionMemory,
  duration: number,
  now: Instant,
): { readonly timer: Instant; readonly memory: SessionMemory } {
  const { random, factor } = drawJitter(memory.random);
  return {
    timer: instant(now + Math.ceil(duration * factor)),
    memory: { connectRetryCounter: memory.connectRetryCounter, random },
  };
}

/** A timer of so many seconds without jitter; none for 0 seconds. */
export function secondsFrom(now: Instant, seconds: number): Instant | null {
  return seconds === 0 ? null : instant(now + seconds * 1000);
}

/** When to send the next KEEPALIVE, RFC 4271 §10: never later than the interval; not at all without a Hold Time. */
export function keepaliveFrom(
  memory: SessionMemory,
  negotiated: { readonly holdTime: number; readonly keepaliveTime: number },
  now: Instant,
): { readonly timer: Instant | null; readonly memory: SessionMemory } {
  if (negotiated.holdTime === 0) return { timer: null, memory };
  return jittered(memory, negotiated.keepaliveTime * 1000, now);
}
