import { type Instant, instant } from "@herald-lb/sansio";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverStep } from "./takeover-step.ts";

/**
 * The number of effects for services that are due at a time: a host carries them out in five milliseconds. A decision can have tens of thousands;
 * all at once they would keep the host's thread longer than the other nodes wait for a sign of life.
 */
export const OUTBOX_BATCH = 256;

/** Milliseconds between two batches, in which the host serves its sockets. */
const OUTBOX_INTERVAL = 1;

/** The effects that are one service's, or that must not overtake these. The others, of the membership and of the silence, are due at once. */
const PACED: ReadonlySet<TakeoverEffect["type"]> = new Set([
  "Announce",
  "Withdraw",
  "Yield",
  "Announcing",
  "NotAnnouncing",
  "EndSilence",
]);

/** Holds back what a step has beyond one batch, and all of it while earlier effects wait: their order stays. */
export function holdBack({ state, effects }: TakeoverStep, now: Instant): TakeoverStep {
  const { outbox } = state;
  if (effects.some(({ type }) => type === "Stopped")) return { state: { ...state, outbox: null }, effects };
  if (outbox === null && effects.length <= OUTBOX_BATCH) return { state, effects };
  const urgent = effects.filter(({ type }) => !PACED.has(type));
  const paced = effects.filter(({ type }) => PACED.has(type));
  if (outbox === null) return release({ state, effects: urgent }, paced, now);
  // A silence that begins anew is ended by its own decision.
  const isStale = ({ type }: TakeoverEffect): boolean => type === "EndSilence";
  const before = urgent.some(({ type }) => type === "BeginSilence")
    ? outbox.effects.filter((effect) => !isStale(effect))
    : outbox.effects;
  return { state: { ...state, outbox: { ...outbox, effects: [...before, ...paced] } }, effects: urgent };
}

/** Releases the next batch where it is due. */
export function releaseBatch(step: TakeoverStep, now: Instant): TakeoverStep {
  const { outbox } = step.state;
  return outbox === null || outbox.dueAt > now ? step : release(step, outbox.effects, now);
}

function release({ state, effects }: TakeoverStep, waiting: readonly TakeoverEffect[], now: Instant): TakeoverStep {
  const left = waiting.slice(OUTBOX_BATCH);
  const outbox = left.length === 0 ? null : { effects: left, dueAt: instant(now + OUTBOX_INTERVAL) };
  return { state: { ...state, outbox }, effects: [...effects, ...waiting.slice(0, OUTBOX_BATCH)] };
}
