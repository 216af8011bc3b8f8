import {
  addDeadline,
  type Instant,
  instant,
  isIpv6,
  type MacAddress,
  removeDeadline,
  takeDue,
} from "@herald-lb/sansio";
import { ANNOUNCE_WAIT, PROBE_AGAIN, PROBE_INTERVAL, PROBE_NUM } from "../constants.ts";
import { startAnnouncing, stopAnnouncing } from "./announcing.ts";
import { joinGroup, leaveGroup } from "./groups.ts";
import { noteContested } from "./contested.ts";
import { mayAnnounceNow } from "./pacing.ts";
import { probeFrame } from "./probe-frame.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import {
  type ActiveAnnouncement,
  type Announcement,
  type InterfaceState,
  mustProbe,
  removeIfUnused,
  type ResponderState,
  type Tentative,
  type TentativePhase,
} from "./responder-state.ts";

// Probing --no claim in PROBE_NUM probes--> announced
//    |
//    | claim
//    v
// Doubting --DEFEND_DELAY--> Contested --PROBE_AGAIN after the rival's last word--> Probing
//
// A claim of a known speaker ends all three: the ring holds the address, so it is announced at once. A station that becomes known for a speaker is asked
// again at once, from Doubting and from Contested.

/** Milliseconds for each tentative address between two rounds: no more than 500 probes a second, even where a station answers for every address. */
const PROBE_SPACING = 2;

/** Begins to probe an address on an interface: nothing is announced or answered for it there meanwhile. RFC 5227 §2.1.1, RFC 4862 §5.4. */
export function startProbing(
  state: ResponderState,
  announcement: Announcement,
  iface: InterfaceState,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const phase: TentativePhase = { name: "Probing", probesLeft: PROBE_NUM, at: now };
  sendProbe(state, addTentative(announcement, iface, phase, null, now, effects), PROBE_NUM, now, effects);
  noteContested(state, announcement, effects);
}

/** Gives an announced address up to a rival: it is tentative from now on. RFC 5227 §2.4 (b). */
export function giveUp(
  state: ResponderState,
  active: ActiveAnnouncement,
  rival: MacAddress,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { address, on } = active;
  const announcement = state.announcements.get(address);
  const iface = state.interfaces.get(on);
  if (announcement === undefined || iface === undefined) return;
  const phase: TentativePhase = { name: "Contested", at: instant(now + PROBE_AGAIN) };
  const tentative = addTentative(announcement, iface, phase, rival, now, effects);
  addDeadline(state.probing, tentative, phase.at);
  stopAnnouncing(state, announcement, active, effects);
  const wasTentative = mustProbe(announcement);
  for (const requested of announcement.requestedBy.values()) requested.mustProbe = true;
  effects.push({ type: "RivalFound", on, address, by: rival });
  noteContested(state, announcement, effects);
  if (!wasTentative) effects.push({ type: "TentativeChanged", address, tentative: true });
}

/** Sends the probes that are due, and announces what was probed without a claim. */
export function advanceProbing(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  for (const tentative of takeDue(state.probing, now)) {
    const { phase } = tentative;
    if (phase.at > now) addDeadline(state.probing, tentative, phase.at);
    else if (phase.name === "Probing" && phase.probesLeft > 0)
      sendProbe(state, tentative, phase.probesLeft, now, effects);
    else if (phase.name === "Probing") announceTentative(state, tentative, now, effects);
    else if (phase.name === "Doubting") contest(state, tentative, phase.by, now, effects);
    else probeAgain(state, tentative, now, effects);
  }
}

/** Begins a round of probes. */
export function probeAgain(
  state: ResponderState,
  tentative: Tentative,
  now: Instant,
  effects: ResponderEffect[],
): void {
  tentative.nonces.clear();
  sendProbe(state, tentative, PROBE_NUM, now, effects);
}

/** Announces a tentative address; one whose rivals alone were watched is forgotten. */
export function announceTentative(
  state: ResponderState,
  tentative: Tentative,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const announcement = state.announcements.get(tentative.address);
  const iface = state.interfaces.get(tentative.on);
  if (announcement === undefined || iface === undefined) return;
  if (announcement.requestedBy.size > 0) startAnnouncing(state, announcement, iface, now, "Requested", effects);
  // After the announcement has joined the group: nothing changes on the interface.
  dropTentative(state, announcement, tentative, effects);
  settle(announcement, effects);
  removeIfUnused(state, announcement);
}

/** Probes an address on an interface no longer. */
export function dropTentative(
  state: ResponderState,
  announcement: Announcement,
  tentative: Tentative,
  effects: ResponderEffect[],
): void {
  const { address, on, rival } = tentative;
  announcement.tentative.delete(on);
  removeDeadline(state.probing, tentative);
  const iface = state.interfaces.get(on);
  if (iface !== undefined && isIpv6(address)) leaveGroup(iface, address, effects);
  if (rival !== null) effects.push({ type: "RivalGone", on, address });
  noteContested(state, announcement, effects);
}

/** Takes note that an address is announced on every interface on which it is wanted, once it is. */
export function settle(announcement: Announcement, effects: ResponderEffect[]): void {
  const { address, on, tentative, requestedBy } = announcement;
  if (on.size === 0 || tentative.size > 0 || !mustProbe(announcement)) return;
  for (const requested of requestedBy.values()) requested.mustProbe = false;
  effects.push({ type: "TentativeChanged", address, tentative: false });
}

/** When an address is probed again after its rival was heard at `now`. */
export function nextRound({ probing }: ResponderState, now: Instant): Instant {
  return instant(now + Math.max(PROBE_AGAIN, PROBE_SPACING * probing.due.size));
}

function contest(
  state: ResponderState,
  tentative: Tentative,
  by: MacAddress,
  now: Instant,
  effects: ResponderEffect[],
): void {
  tentative.rival = by;
  tentative.rivalHeardAt = now;
  tentative.phase = { name: "Contested", at: nextRound(state, now) };
  addDeadline(state.probing, tentative, tentative.phase.at);
  effects.push({ type: "RivalFound", on: tentative.on, address: tentative.address, by });
  const announcement = state.announcements.get(tentative.address);
  if (announcement !== undefined) noteContested(state, announcement, effects);
}

function addTentative(
  { address, tentative }: Announcement,
  iface: InterfaceState,
  phase: TentativePhase,
  rival: MacAddress | null,
  now: Instant,
  effects: ResponderEffect[],
): Tentative {
  const on = iface.interface.index;
  const made: Tentative = { address, on, phase, rival, rivalHeardAt: now, nonces: new Set() };
  tentative.set(on, made);
  // RFC 4862 §5.4.2: before the solicitation, or the answer of a rival would not arrive.
  if (isIpv6(address)) joinGroup(iface, address, effects);
  return made;
}

function sendProbe(
  state: ResponderState,
  tentative: Tentative,
  probesLeft: number,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { address, on } = tentative;
  const iface = state.interfaces.get(on);
  if (iface !== undefined && mayAnnounceNow(state, now)) {
    const octets = probeFrame(state, tentative, iface.interface.hardwareAddress);
    effects.push({ type: "SendFrame", on, octets, address, purpose: "Probe", cause: null });
    const left = probesLeft - 1;
    const at = instant(now + (left > 0 ? PROBE_INTERVAL : ANNOUNCE_WAIT));
    tentative.phase = { name: "Probing", probesLeft: left, at };
  } else tentative.phase = { name: "Probing", probesLeft, at: state.pacing.batchEndsAt };
  addDeadline(state.probing, tentative, tentative.phase.at);
}
