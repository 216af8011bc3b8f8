import type { Instant } from "@herald-lb/sansio";
import { restartAnnouncing } from "./announcing.ts";
import { forgetOwnClients } from "./change-sharing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderState } from "./responder-state.ts";
import { probeAgain } from "./tentative.ts";
import { endYielding } from "./yielding.ts";

/**
 * Sends nothing and answers for nothing from now on. What this node yields it drops: the successors have announced meanwhile. Its clients of shared addresses it
 * forgets: others may serve them.
 */
export function beginSilence(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  state.silent = true;
  for (const announcement of state.announcements.values()) forgetOwnClients(state, announcement, now);
  for (const active of state.yielding.due.keys()) if (active.yieldTimer !== null) endYielding(state, active, effects);
}

/** Answers again, and announces every address; what was being probed is probed from the beginning, since claims may have gone unheard. */
export function endSilence(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  if (!state.silent) return;
  state.silent = false;
  for (const { on, tentative, sharing } of state.announcements.values()) {
    // Clients of a shared address that are still this node's confirm their entries; others have been told by the others.
    for (const active of on.values())
      if (active.yieldTimer === null && sharing === null) restartAnnouncing(state, active, now, "Requested", effects);
    for (const each of tentative.values()) if (each.phase.name === "Probing") probeAgain(state, each, now, effects);
  }
}
