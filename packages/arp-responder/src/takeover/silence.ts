import { type Instant, instant } from "@herald-lb/sansio";
import { wonBy } from "./elections.ts";
import { forgetHolds } from "./holding.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverPhase, TakeoverState } from "./takeover-state.ts";
import { unknownCause } from "./takeover-reason.ts";
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

/** Is silent until the members that this node knows have said what they know. */
export function resume(
  config: TakeoverConfig,
  state: TakeoverState,
  live: ReadonlySet<string>,
  now: Instant,
): TakeoverStep {
  const decideAt = instant(now + config.times.confirmationTimeout);
  return silence(config, state, { name: "Resuming", live, decideAt }, { type: "ConfirmMembership" });
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

/** Withdraws everything that this node announces, until the phase that begins is over. */
export function silence(
  { node }: TakeoverConfig,
  state: TakeoverState,
  phase: TakeoverPhase,
  ...asks: readonly TakeoverEffect[]
): TakeoverStep {
  const silenced = wonBy(node, state).flatMap((election): readonly TakeoverEffect[] => {
    election.announcer = undefined;
    election.cause = unknownCause;
    const { key } = election.request;
    return [
      { type: "Withdraw", key },
      { type: "NotAnnouncing", key, to: null },
    ];
  });
  return { state: { ...state, phase }, effects: [...silenced, ...asks] };
}

/** Gives up the sticky services: others may announce them by now. */
export function disown({ elections }: TakeoverState): void {
  for (const election of elections.values()) election.isOwned = false;
}
