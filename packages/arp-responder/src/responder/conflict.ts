import { type Instant, instant, type MacAddress } from "@herald-lb/sansio";
import { DEFEND_INTERVAL } from "../constants.ts";
import { sendAnnouncement, stopAnnouncing } from "./announcing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ActiveAnnouncement, ResponderState } from "./responder-state.ts";

/**
 * Handles a frame in which the station `by` claims an announced address. The responder reports the conflict and defends the address. During
 * a handover the station is the successor: the responder stops answering there, since two answers would make a client change its
 * neighbour entry over and back within one connection.
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
  effects.push({ type: "Conflict", on, address, by });
  defend(state, active, now, effects);
}

/**
 * Answers a claim of another station with one announcement, at most once in DEFEND_INTERVAL. A claim that comes sooner is answered when
 * the interval is over: after a split heals, the last announcement is the announcer's. RFC 5227 §2.4.
 */
function defend(state: ResponderState, active: ActiveAnnouncement, now: Instant, effects: ResponderEffect[]): void {
  if (active.defendTimer !== null) return;
  const earliest = active.defendedAt === null ? now : instant(active.defendedAt + DEFEND_INTERVAL);
  if (earliest <= now) {
    sendDefense(state, active, now, effects);
    return;
  }
  active.defendTimer = earliest;
  state.defending.add(active);
}

/** Sends the announcement that defends an address, and ends the wait for it. */
export function sendDefense(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  state.defending.delete(active);
  active.defendTimer = null;
  active.defendedAt = now;
  sendAnnouncement(state, active, effects);
}
