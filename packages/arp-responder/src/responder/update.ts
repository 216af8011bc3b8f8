import type { Instant } from "@herald-lb/sansio";
import type { InterfaceIndex } from "../interface.ts";
import { restartAnnouncing, startAnnouncing, stopAnnouncing } from "./announcing.ts";
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
  const isWanted =
    iface !== undefined &&
    isUsable(iface, announcement.family) &&
    isRequestedOn(announcement, iface) &&
    !isServedByAnother(state, announcement, iface);
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
  if (tentative === undefined) return;
  dropTentative(state, announcement, tentative, effects);
  settle(announcement, effects);
}
