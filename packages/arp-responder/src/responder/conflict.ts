import { addDeadline, type Instant, instant, type MacAddress } from "@herald-lb/sansio";
import { DEFEND_DELAY, DEFEND_INTERVAL } from "../constants.ts";
import { sendAnnouncement, stopAnnouncing } from "./announcing.ts";
import { tellOwnClients } from "./telling.ts";
import { giveUp } from "./tentative.ts";
import { endYielding } from "./yielding.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ActiveAnnouncement, Announcement, ResponderState } from "./responder-state.ts";

/**
 * Handles a frame in which the station `by` claims an announced address. The responder reports the conflict, unless the station is known
 * for a speaker, and defends the address or gives it up. During a handover the station is the successor: the responder stops answering there,
 * since two answers would make a client change its neighbour entry over and back within one connection.
 */
export function meetConflict(
  state: ResponderState,
  active: ActiveAnnouncement,
  by: MacAddress,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { on, address } = active;
  const announcement = state.announcements.get(address);
  if (state.handingOver && announcement !== undefined) {
    stopAnnouncing(state, announcement, active, effects);
    return;
  }
  if (active.yieldTimer !== null) return endYielding(state, active, effects);
  if (state.speakers.has(by)) return defend(state, active, now);
  effects.push({ type: "Conflict", on, address, by });
  if (announcement !== undefined && isGivenUp(announcement)) challenge(state, active, by, now);
  else defend(state, active, now);
}

function isGivenUp({ requestedBy }: Announcement): boolean {
  for (const { onConflict } of requestedBy.values()) if (onConflict === "Yield") return true;
  return false;
}

/** Gives an address up after DEFEND_DELAY: until then the station may be found to be a speaker, as one that returns is. RFC 5227 §2.4 (b). */
function challenge(state: ResponderState, active: ActiveAnnouncement, by: MacAddress, now: Instant): void {
  if (active.challenger !== null) return;
  active.challenger = by;
  active.defendTimer = instant(Math.min(now + DEFEND_DELAY, active.defendTimer ?? Infinity));
  addDeadline(state.defending, active, active.defendTimer);
}

/**
 * Answers a claim of another station with one announcement after DEFEND_DELAY, at most once in DEFEND_INTERVAL. The station may be a node
 * that returns and ranks first: this one learns that from the membership a moment later, and withdraws. RFC 5227 §2.4.
 */
function defend(state: ResponderState, active: ActiveAnnouncement, now: Instant): void {
  if (active.defendTimer !== null) return;
  const earliest = active.defendedAt === null ? now : active.defendedAt + DEFEND_INTERVAL;
  active.defendTimer = instant(Math.max(now + DEFEND_DELAY, earliest));
  addDeadline(state.defending, active, active.defendTimer);
}

/** Sends the announcement that defends an address, or gives it up, and ends the wait for either. */
export function sendDefense(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { challenger } = active;
  active.defendTimer = null;
  active.challenger = null;
  if (challenger !== null && !state.speakers.has(challenger) && !state.handingOver)
    return giveUp(state, active, challenger, now, effects);
  active.defendedAt = now;
  const announcement = state.announcements.get(active.address);
  // An announcement to all would have every client take this node.
  if (announcement?.sharing != null) tellOwnClients(state, announcement, active.on, now, effects);
  else sendAnnouncement(state, active, "Defense", effects);
}
