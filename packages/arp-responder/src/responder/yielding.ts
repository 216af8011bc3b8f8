import { addDeadline, type Instant, instant, takeDue } from "@herald-lb/sansio";
import { YIELD_TIME } from "../constants.ts";
import { stopAnnouncing } from "./announcing.ts";
import { cancelRefresh } from "./refresh.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import { dropTentative } from "./tentative.ts";
import { type ActiveAnnouncement, removeIfUnused, type ResponderState } from "./responder-state.ts";

/** Goes on answering for what a key wanted, without announcing it, until another station announces it. An address that another key wants stays. */
export function yieldKey(state: ResponderState, key: string, now: Instant, effects: ResponderEffect[]): void {
  const addresses = state.addressesOf.get(key) ?? [];
  state.addressesOf.delete(key);
  for (const address of addresses) {
    const announcement = state.announcements.get(address);
    if (announcement === undefined) continue;
    const watches = announcement.requestedBy.get(key)?.watchesRivals === true;
    announcement.requestedBy.delete(key);
    if (announcement.requestedBy.size > 0) continue;
    // The key may go to the other node because it wants another address: then nobody else would watch the rival of this one.
    announcement.isWatched = watches;
    for (const tentative of announcement.tentative.values())
      if (!watches || tentative.rival === null) dropTentative(state, announcement, tentative, effects);
    for (const active of announcement.on.values()) {
      // A claim that waits for its defence is the successor's: it was faster than the news of it.
      if (active.defendTimer !== null) stopAnnouncing(state, announcement, active, effects);
      else yieldActive(state, active, now);
    }
    removeIfUnused(state, announcement);
  }
}

/** Stops answering for an address on an interface that this node yields: its successor has announced it there, or will not come. */
export function endYielding(state: ResponderState, active: ActiveAnnouncement, effects: ResponderEffect[]): void {
  const announcement = state.announcements.get(active.address);
  if (announcement === undefined) return;
  stopAnnouncing(state, announcement, active, effects);
  removeIfUnused(state, announcement);
}

/** Stops answering for the addresses whose successors have not come in time. */
export function expireYielding(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  for (const active of takeDue(state.yielding, now))
    if (active.yieldTimer !== null && active.yieldTimer <= now) endYielding(state, active, effects);
}

function yieldActive(state: ResponderState, active: ActiveAnnouncement, now: Instant): void {
  state.announcing.delete(active);
  state.pacing.waiting.delete(active);
  cancelRefresh(state, active);
  active.announceTimer = null;
  active.yieldTimer = instant(now + YIELD_TIME);
  addDeadline(state.yielding, active, active.yieldTimer);
}
