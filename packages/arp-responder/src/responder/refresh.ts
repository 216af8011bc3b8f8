import { addDeadline, type Instant, instant, removeDeadline } from "@herald-lb/sansio";
import { hashOfText } from "../text-hash.ts";
import type { ActiveAnnouncement, Announcement, ResponderState } from "./responder-state.ts";

/** The part of the interval that lies between two refreshes at least; at most it is the whole. */
const LEAST_PART = 0.75;

/**
 * Plans the next announcement of an address whose cadence has an interval. The first comes after a part of the
 * interval that differs from address to address, so that the thousand addresses of a lost node do not stay together for ever.
 */
export function planRefresh(
  state: ResponderState,
  announcement: Announcement,
  active: ActiveAnnouncement,
  now: Instant,
  when: "First" | "Next",
): void {
  cancelRefresh(state, active);
  const { refreshInterval } = announcement.cadence;
  if (refreshInterval === null || announcement.sharing !== null || active.announcementsLeft > 0) return;
  const part = partOf(`${active.address}%${active.on}@${when === "First" ? 0 : now}`);
  const wait = when === "First" ? part : LEAST_PART + (1 - LEAST_PART) * part;
  active.refreshTimer = instant(now + refreshInterval * wait);
  addDeadline(state.refreshing, active, active.refreshTimer);
}

/** Sends no refresh of an address any more. */
export function cancelRefresh({ refreshing }: ResponderState, active: ActiveAnnouncement): void {
  if (active.refreshTimer === null) return;
  active.refreshTimer = null;
  removeDeadline(refreshing, active);
}

/** A number from 0 to 1 that looks random and is the same for the same text. */
function partOf(text: string): number {
  return hashOfText(text) / 0x1_0000_0000;
}
