import { earliestDeadline, type Instant, type Machine, type Step, takeDue, unreachable } from "@herald-lb/sansio";
import { sendAnnouncement, sendNextAnnouncement } from "./announcing.ts";
import { defaultCadence, mergeCadences } from "./cadence.ts";
import { sendDefense } from "./conflict.ts";
import { answerPlainRequest } from "./arp-fast-path.ts";
import { answerPlainSolicitation } from "./ndp-fast-path.ts";
import { followInterfaces } from "./interface-changes.ts";
import { batchDeadline, takeBatch } from "./pacing.ts";
import { receiveArp } from "./receive-arp.ts";
import { decodeEthernet, EtherType } from "../ethernet.ts";
import type { InterfaceIndex } from "../interface.ts";
import { receiveNdp } from "./receive-ndp.ts";
import { changeSharing, learnSpeakers } from "./change-sharing.ts";
import { reportClients } from "./client-count.ts";
import { clientRelayDeadline, relayNext } from "./relaying.ts";
import { settleClients, settlingDeadline } from "./take-over-clients.ts";
import { tellDeadline, tellNext } from "./telling.ts";
import { planRefresh } from "./refresh.ts";
import { changeSpeakers } from "./rival.ts";
import { beginSilence, endSilence } from "./silence.ts";
import { advanceProbing, dropTentative, settle } from "./tentative.ts";
import { updateAnnouncement } from "./update.ts";
import { expireYielding, yieldKey } from "./yielding.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import {
  announcementOf,
  isUsable,
  type InterfaceState,
  type ActiveAnnouncement,
  type Announcement,
  removeIfUnused,
  type ResponderState,
} from "./responder-state.ts";

// An address that must be probed first goes by way of `tentative`, which only the codec's path looks at.
//
// Announcements say which addresses are wanted where; interfaces say where frames can go. `updateAnnouncement` makes each address present on exactly
// the interfaces where both hold, and active is all that answering looks at: what is withdrawn is silent with the same step.

/** Answers ARP and Neighbor Discovery for the addresses it is told to announce, and announces them. Mutates its state in place. */
export const responder: Machine<ResponderState, ResponderEvent, ResponderEffect> = { step, advance, nextDeadline };

function step(state: ResponderState, event: ResponderEvent, now: Instant): Step<ResponderState, ResponderEffect> {
  switch (event.type) {
    case "FrameReceived":
      return { state, effects: receive(state, event.on, event.octets, now) };
    case "AnnouncementDesired":
      return { state, effects: desire(state, event, now) };
    case "AnnouncementGone":
      return { state, effects: desire(state, { key: event.key, addresses: [], interfaces: [] }, now) };
    case "AnnouncementYielded":
      return { state, effects: collect((effects) => yieldKey(state, event.key, now, effects)) };
    case "InterfacesChanged":
      return { state, effects: followInterfaces(state, event.interfaces, now) };
    case "HandoverStarted":
      return { state, effects: startHandover(state) };
    case "SilenceBegun":
      return { state, effects: collect((effects) => beginSilence(state, now, effects)) };
    case "SilenceEnded":
      return { state, effects: collect((effects) => endSilence(state, now, effects)) };
    case "SpeakersChanged":
      return { state, effects: collect((effects) => followSpeakers(state, event.speakers, now, effects)) };
    default:
      return unreachable(event);
  }
}

function advance(state: ResponderState, now: Instant): Step<ResponderState, ResponderEffect> {
  const effects: ResponderEffect[] = [];
  if (state.silent) return { state, effects };
  for (const active of state.announcing) {
    if (active.announceTimer === null || active.announceTimer > now) break;
    sendNextAnnouncement(state, active, now, effects);
  }
  for (const active of takeBatch(state, now)) sendNextAnnouncement(state, active, now, effects);
  settleClients(state, now, effects);
  tellNext(state, now, effects);
  relayNext(state, now, effects);
  reportClients(state, now, effects);
  expireYielding(state, now, effects);
  advanceProbing(state, now, effects);
  for (const active of takeDue(state.defending, now))
    if (active.defendTimer !== null && active.defendTimer <= now) sendDefense(state, active, now, effects);
  for (const active of takeDue(state.refreshing, now)) refresh(state, active, now, effects);
  return { state, effects };
}

function nextDeadline(state: ResponderState): Instant | null {
  if (state.silent) return null;
  // Asked after every frame, and nearly always there is nothing pending.
  const { announcing } = state;
  const announce = announcing.size === 0 ? null : (announcing.values().next().value?.announceTimer ?? null);
  const defend = earlier(earliestDeadline(state.defending), earliestDeadline(state.probing));
  const pending = earlier(defend, earliestDeadline(state.yielding));
  const planned = earlier(batchDeadline(state), earliestDeadline(state.refreshing));
  return earlier(earlier(announce, pending), earlier(planned, clientsDeadline(state)));
}

function followSpeakers(
  state: ResponderState,
  speakers: Extract<ResponderEvent, { type: "SpeakersChanged" }>["speakers"],
  now: Instant,
  effects: ResponderEffect[],
): void {
  changeSpeakers(state, speakers, now, effects);
  learnSpeakers(state, speakers, now, effects);
}

function clientsDeadline(state: ResponderState): Instant | null {
  const told = earlier(tellDeadline(state), settlingDeadline(state));
  return earlier(earlier(told, clientRelayDeadline(state)), state.clients.reportAt);
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function receive(
  state: ResponderState,
  on: InterfaceIndex,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] {
  const iface = state.interfaces.get(on);
  if (iface === undefined || !isUsable(iface, "IPv4")) return [{ type: "Ignored", on, reason: "Closed" }];
  if (state.silent) return [{ type: "Ignored", on, reason: "Silent" }];
  return (
    answerPlainRequest(state, iface, octets, now) ??
    answerPlainSolicitation(state, iface, octets, now) ??
    receiveThroughCodec(state, iface, octets, now)
  );
}

function receiveThroughCodec(
  state: ResponderState,
  iface: InterfaceState,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] {
  const on = iface.interface.index;
  const frame = decodeEthernet(octets);
  if (!frame.ok) return [{ type: "Ignored", on, reason: "Malformed" }];
  switch (frame.value.etherType) {
    case EtherType.Arp:
      return receiveArp(state, iface, frame.value, now);
    case EtherType.Ipv6:
      return receiveNdp(state, iface, frame.value, now);
    default:
      return [{ type: "Ignored", on, reason: "MessageType" }];
  }
}

type Desired = Extract<ResponderEvent, { type: "AnnouncementDesired" }>;

function desire(
  state: ResponderState,
  {
    key,
    addresses,
    interfaces,
    onSubnet = [],
    cadence = defaultCadence,
    tentative = [],
    onConflict = "Defend",
    watchesRivals = false,
    sharing,
  }: Omit<Desired, "type">,
  now: Instant,
): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  const wanted = new Set(addresses);
  const touched = new Set([...(state.addressesOf.get(key) ?? []), ...wanted]);
  if (wanted.size === 0) state.addressesOf.delete(key);
  else state.addressesOf.set(key, [...wanted]);
  for (const address of touched) {
    const announcement = announcementOf(state, address);
    // Decided before the request is there: another key may have had the address probed.
    const isNews = tentative.includes(address) && isHeld(announcement);
    const mustProbe = tentative.includes(address) && !isNews;
    const before = announcement.requestedBy.get(key);
    if (wanted.has(address))
      announcement.requestedBy.set(key, {
        interfaces,
        onSubnet,
        cadence,
        onConflict,
        watchesRivals,
        sharing: sharing ?? null,
        mustProbe,
      });
    else announcement.requestedBy.delete(key);
    announcement.isWatched = announcement.requestedBy.size === 0 && before?.watchesRivals === true;
    changeSharing(state, announcement, now, effects);
    changeCadence(state, announcement, now);
    for (const on of state.interfaces.keys()) updateAnnouncement(state, announcement, on, now, "Requested", effects);
    settle(announcement, effects);
    if (isNews) effects.push({ type: "TentativeChanged", address, tentative: false });
    removeIfUnused(state, announcement);
  }
  return effects;
}

function changeCadence(state: ResponderState, announcement: Announcement, now: Instant): void {
  const { requestedBy, on, cadence: before } = announcement;
  const cadence = mergeCadences([...requestedBy.values()].map((each) => each.cadence));
  announcement.cadence = cadence;
  if (cadence.refreshInterval === before.refreshInterval) return;
  for (const active of on.values()) planRefresh(state, announcement, active, now, "First");
}

function refresh(state: ResponderState, active: ActiveAnnouncement, now: Instant, effects: ResponderEffect[]): void {
  sendAnnouncement(state, active, "Refresh", effects);
  planRefresh(state, announcementOf(state, active.address), active, now, "Next");
}

/** True where an address is announced, and tentative nowhere. */
function isHeld({ on, tentative }: Announcement): boolean {
  return on.size > 0 && tentative.size === 0;
}

function startHandover(state: ResponderState): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  state.handingOver = true;
  // The successor probes: what was never announced here is not handed over.
  for (const announcement of state.announcements.values())
    for (const each of announcement.tentative.values()) dropTentative(state, announcement, each, effects);
  return effects;
}

function collect(act: (effects: ResponderEffect[]) => void): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  act(effects);
  return effects;
}
