import type { Instant } from "@herald-lb/sansio";
import { restartAnnouncing } from "./announcing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderState } from "./responder-state.ts";
import { probeAgain } from "./tentative.ts";
import { endYielding } from "./yielding.ts";

/** Sends nothing and answers for nothing from now on. What this node yields it drops: the successors have announced meanwhile. */
export function beginSilence(state: ResponderState, effects: ResponderEffect[]): void {
  state.silent = true;
  for (const active of state.yielding.due.keys()) if (active.yieldTimer !== null) endYielding(state, active, effects);
}

/** Answers again, and announces every address; what was being probed is probed from the beginning, since claims may have gone unheard. */
export function endSilence(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  if (!state.silent) return;
  state.silent = false;
  for (const { on, tentative } of state.announcements.values()) {
    for (const active of on.values())
      if (active.yieldTimer === null) restartAnnouncing(state, active, now, "Requested", effects);
    for (const each of tentative.values()) if (each.phase.name === "Probing") probeAgain(state, each, now, effects);
  }
}
