import { type Instant, instant } from "@herald-lb/sansio";
import { disown, rejoin, resume, silence } from "./silence.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverState } from "./takeover-state.ts";
import { andThen, type TakeoverStep, unchanged } from "./takeover-step.ts";

// A node that hears no other speaker is alone, or cut off. Where it is to yield, it asks the API server: an answer shows that it is not cut off. Without an
// answer it is silent before the others, whose loss of this node takes them longer, have taken over.

/** Takes note that the sessions with every other speaker are lost. */
export function loseWatchers(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  return suspectIsolation(config, { ...state, hasLostWatchers: true }, now);
}

/** Asks the API server whether this node is cut off. */
export function suspectIsolation(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase, othersReachable, isProbing } = state;
  const isPossible = config.hasMembership && config.isolated === "yield" && othersReachable !== 0;
  // Where the API server is asked already, its next answer decides.
  if (!isPossible || isProbing || phase.name !== "Deciding") return unchanged(state);
  const isolatedAt = instant(now + config.times.isolationTimeout);
  return probe({ ...state, phase: { ...phase, isolatedAt } }, true);
}

/** Another speaker is heard: this node is not cut off, and one that was asks the others before it answers. */
export function hearWatchers(config: TakeoverConfig, before: TakeoverState, now: Instant): TakeoverStep {
  return andThen(probe({ ...before, hasLostWatchers: false }, false), (state) => {
    const { phase } = state;
    if (phase.name !== "Isolated") return unchanged(withoutDoubt(state));
    return phase.live.size > 1 ? resume(config, state, phase.live, now) : rejoin(config, state, now);
  });
}

/** Takes the outcome of a probe; `decide` decides among the live nodes. */
export function takeProbe(
  config: TakeoverConfig,
  state: TakeoverState,
  reached: boolean,
  decide: (live: ReadonlySet<string>) => TakeoverStep,
): TakeoverStep {
  const { phase, isProbing } = state;
  if (!isProbing) return unchanged(state);
  if (phase.name === "Isolated") return reached ? decide(phase.live) : unchanged(state);
  return reached ? unchanged(withoutDoubt(state)) : isolate(config, state);
}

/** Is silent: this node is cut off. */
export function isolate(config: TakeoverConfig, state: TakeoverState): TakeoverStep {
  if (state.phase.name !== "Deciding") return unchanged(state);
  const { live } = state.phase;
  const silent = silence(config, state, { name: "Isolated", live });
  disown(state);
  return silent;
}

/** Takes the number of other Nodes that the API server has contact with: without one, this node serves in any case. */
export function takeOthersReachable(
  state: TakeoverState,
  count: number,
  decide: (live: ReadonlySet<string>, state: TakeoverState) => TakeoverStep,
): TakeoverStep {
  const counted = { ...state, othersReachable: count };
  if (count > 0) return unchanged(counted);
  return andThen(probe(counted, false), (after) =>
    after.phase.name === "Isolated" ? decide(after.phase.live, after) : unchanged(withoutDoubt(after)),
  );
}

/** The state of a node that is not, or no longer, about to take itself for cut off. */
function withoutDoubt(state: TakeoverState): TakeoverState {
  return state.phase.name === "Deciding" ? { ...state, phase: { ...state.phase, isolatedAt: null } } : state;
}

function probe(state: TakeoverState, wanted: boolean): TakeoverStep {
  if (state.isProbing === wanted) return unchanged(state);
  const effect: TakeoverEffect = { type: "ProbeApiServer", wanted };
  return { state: { ...state, isProbing: wanted }, effects: [effect] };
}
