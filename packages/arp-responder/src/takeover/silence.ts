import { type Instant, instant } from "@herald-lb/sansio";
import { abandon, wonBy } from "./elections.ts";
import { forgetHolds } from "./holding.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverPhase, TakeoverState } from "./takeover-state.ts";
import { type TakeoverStep, unchanged } from "./takeover-step.ts";

/** After a pause nothing is answered before it is known who answers now: a client must not hear two stations. */
export function noticePause(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase } = state;
  if (!config.hasMembership || (phase.name !== "Deciding" && phase.name !== "Resuming")) return unchanged(state);
  return resume(config, state, phase.live, now);
}

/** A node that was cut off alone must not announce what others serve by now: it waits for them as at a start. */
export function restoreLink(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase, expected } = state;
  const isAlone = phase.name === "Deciding" && phase.live.size <= 1 && expected !== null && expected > 0;
  return config.hasMembership && isAlone ? rejoin(config, state, now) : noticePause(config, state, now);
}

/** Is silent until the members that this node knows have said what they know. It keeps what it announces: as a rule nobody has taken it over. */
export function resume(
  config: TakeoverConfig,
  state: TakeoverState,
  live: ReadonlySet<string>,
  now: Instant,
): TakeoverStep {
  const decideAt = instant(now + config.times.confirmationTimeout);
  const phase: TakeoverPhase = { name: "Resuming", live, decideAt };
  return beginSilence(state, phase, { type: "ConfirmMembership" });
}

/** Is silent until other members are there. What this node announced others have taken over. */
export function rejoin(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const decideAt = instant(now + config.times.aloneTimeout);
  const phase: TakeoverPhase = { name: "WaitingForMembers", reached: null, decideAt };
  const silent = silence(config, state, phase, { type: "RejoinMembership" });
  disown(state);
  forgetHolds(state);
  return silent;
}

/** Is silent and gives up everything that this node announces, until the phase that begins is over. */
export function silence(
  { node }: TakeoverConfig,
  state: TakeoverState,
  phase: TakeoverPhase,
  ...asks: readonly TakeoverEffect[]
): TakeoverStep {
  return beginSilence(state, phase, ...wonBy(node, state).flatMap(abandon), ...asks);
}

function beginSilence(state: TakeoverState, phase: TakeoverPhase, ...effects: readonly TakeoverEffect[]): TakeoverStep {
  const begin: readonly TakeoverEffect[] = state.isSilent ? [] : [{ type: "BeginSilence" }];
  return { state: { ...state, phase, isSilent: true }, effects: [...begin, ...effects] };
}

/** Gives up the sticky services: others may announce them by now. */
export function disown({ elections }: TakeoverState): void {
  for (const election of elections.values()) election.isOwned = false;
}
