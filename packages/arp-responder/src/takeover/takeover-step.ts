import type { Step } from "@herald-lb/sansio";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverPhase, TakeoverState } from "./takeover-state.ts";

/** The result of each part of the machine. */
export type TakeoverStep = Step<TakeoverState, TakeoverEffect>;

/** A phase by its name. */
export type PhaseOf<Name extends TakeoverPhase["name"]> = Extract<TakeoverPhase, { name: Name }>;

/** A step in which nothing happens. */
export function unchanged(state: TakeoverState): TakeoverStep {
  return { state, effects: [] };
}

/** One step after another. */
export function andThen({ state, effects }: TakeoverStep, next: (state: TakeoverState) => TakeoverStep): TakeoverStep {
  const following = next(state);
  return { state: following.state, effects: [...effects, ...following.effects] };
}
