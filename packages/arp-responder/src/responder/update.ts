import type { Instant } from "@herald-lb/sansio";
import type { InterfaceIndex } from "../interface.ts";
import { restartAnnouncing, startAnnouncing, stopAnnouncing } from "./announcing.ts";
import { noteContested } from "./contested.ts";
import type { AnnouncementCause, ResponderEffect } from "./responder-effect.ts";
import { type Announcement, isRequestedOn, isUsable, mustProbe, type ResponderState } from "./responder-state.ts";
import { isServedByAnother } from "./shared-segment.ts";
import { announceTentative, dropTentative, settle, startProbing } from "./tentative.ts";

/** Starts or stops announcing an address on an interface, so that it is announced, or probed first, where it is requested and frames can go. */
export function updateAnnouncement(
  state: ResponderState,
  announcement: Announcement,
  on: InterfaceIndex,
  now: Instant,
  cause: AnnouncementCause,
  effects: ResponderEffect[],
): void {
  const iface = state.interfaces.get(on);
  const active = announcement.on.get(on);
  const tentative = announcement.tentative.get(on);
  const isUsed = iface !== undefined && isUsable(iface, announcement.family);
  // A rival that is watched is neither probed anew nor succeeded.
  if (isUsed && announcement.isWatched && tentative !== undefined && tentative.rival !== null) return;
  const isWanted = isUsed && isRequestedOn(announcement, iface) && !isServedByAnother(state, announcement, iface);
  if (!isWanted) {
    if (active !== undefined) stopAnnouncing(state, announcement, active, effects);
    if (tentative !== undefined) dropTentative(state, announcement, tentative, effects);
  } else if (active !== undefined) {
    if (active.yieldTimer === null) return;
    active.yieldTimer = null;
    restartAnnouncing(state, active, now, cause, effects);
  } else if (tentative !== undefined) {
    if (!mustProbe(announcement)) announceTentative(state, tentative, now, effects);
  } else if (!state.handingOver) {
    // During a handover a new interface is the successor's.
    if (mustProbe(announcement)) startProbing(state, announcement, iface, now, effects);
    else startAnnouncing(state, announcement, iface, now, cause, effects);
  }
  noteContested(state, announcement, effects);
}

/** Stops what goes on for an address on an interface that is gone. */
export function endOn(
  state: ResponderState,
  announcement: Announcement,
  on: InterfaceIndex,
  effects: ResponderEffect[],
): void {
  const active = announcement.on.get(on);
  if (active !== undefined) stopAnnouncing(state, announcement, active, effects);
  const tentative = announcement.tentative.get(on);
  if (tentative === undefined) return noteContested(state, announcement, effects);
  dropTentative(state, announcement, tentative, effects);
  settle(announcement, effects);
}
