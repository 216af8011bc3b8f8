import { type Instant, macToOctets, type Machine, type Step, unreachable } from "@herald-lb/sansio";
import { playDefence, playRound, restart, settle, vanish } from "./announcing.ts";
import { answerPlainRequest, stationNumber } from "./arp/fast-path.ts";
import { receiveArp } from "./arp/receive.ts";
import { decodeEthernet, EtherType } from "./ethernet.ts";
import type { Interface, InterfaceIndex } from "./interface.ts";
import { receiveNdp } from "./ndp/receive.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceSelection, ResponderEvent } from "./responder-event.ts";
import { announcementOf, createPort, forget, isOpen, type Port, type ResponderState } from "./responder-state.ts";

// Wishes say which addresses are wanted where; interfaces say where frames can go. `settle` makes each address present on exactly
// the interfaces where both hold, and presence is all that answering looks at: what is withdrawn is silent with the same step.

/** Answers ARP and Neighbor Discovery for the addresses it is told to announce, and announces them. Mutates its state in place. */
export const responder: Machine<ResponderState, ResponderEvent, ResponderEffect> = { step, advance, nextDeadline };

function step(state: ResponderState, event: ResponderEvent, now: Instant): Step<ResponderState, ResponderEffect> {
  switch (event.type) {
    case "FrameReceived":
      return { state, effects: receive(state, event.on, event.octets, now) };
    case "AnnouncementDesired":
      return { state, effects: desire(state, event.key, event.addresses, event.interfaces, now) };
    case "AnnouncementGone":
      return { state, effects: desire(state, event.key, [], [], now) };
    case "InterfacesChanged":
      return { state, effects: changeInterfaces(state, event.interfaces, now) };
    default:
      return unreachable(event);
  }
}

function advance(state: ResponderState, now: Instant): Step<ResponderState, ResponderEffect> {
  const effects: ResponderEffect[] = [];
  for (const presence of state.rounds) {
    if (presence.roundTimer === null || presence.roundTimer > now) break;
    playRound(state, presence, now, effects);
  }
  for (const presence of state.defences) {
    if (presence.defendTimer === null || presence.defendTimer > now) break;
    playDefence(state, presence, now, effects);
  }
  return { state, effects };
}

function nextDeadline({ rounds, defences }: ResponderState): Instant | null {
  // Asked after every frame, and nearly always there is nothing pending.
  const round = rounds.size === 0 ? null : (rounds.values().next().value?.roundTimer ?? null);
  const defence = defences.size === 0 ? null : (defences.values().next().value?.defendTimer ?? null);
  if (round === null || defence === null) return round ?? defence;
  return round < defence ? round : defence;
}

function receive(
  state: ResponderState,
  on: InterfaceIndex,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] {
  const port = state.ports.get(on);
  if (port === undefined || !isOpen(port, "IPv4")) return [{ type: "Ignored", on, reason: "Closed" }];
  return answerPlainRequest(state, port, octets) ?? receiveThroughCodec(state, port, octets, now);
}

function receiveThroughCodec(
  state: ResponderState,
  port: Port,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] {
  const on = port.interface.index;
  const frame = decodeEthernet(octets);
  if (!frame.ok) return [{ type: "Ignored", on, reason: "Malformed" }];
  switch (frame.value.etherType) {
    case EtherType.Arp:
      return receiveArp(state, port, frame.value, now);
    case EtherType.Ipv6:
      return receiveNdp(state, port, frame.value, now);
    default:
      return [{ type: "Ignored", on, reason: "MessageType" }];
  }
}

function desire(
  state: ResponderState,
  key: string,
  addresses: ResponderEventAddresses,
  interfaces: InterfaceSelection,
  now: Instant,
): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  const wanted = new Set(addresses);
  const touched = new Set([...(state.addressesOf.get(key) ?? []), ...wanted]);
  if (wanted.size === 0) state.addressesOf.delete(key);
  else state.addressesOf.set(key, [...wanted]);
  for (const address of touched) {
    const announcement = announcementOf(state, address);
    if (wanted.has(address)) announcement.wantedBy.set(key, interfaces);
    else announcement.wantedBy.delete(key);
    for (const on of state.ports.keys()) settle(state, announcement, on, now, effects);
    if (announcement.wantedBy.size === 0) forget(state, announcement);
  }
  return effects;
}

type ResponderEventAddresses = Extract<ResponderEvent, { type: "AnnouncementDesired" }>["addresses"];

function changeInterfaces(
  state: ResponderState,
  interfaces: readonly Interface[],
  now: Instant,
): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  const present = new Map(interfaces.map((each) => [each.index, each]));
  state.ownStations.clear();
  for (const each of present.values()) state.ownStations.add(stationNumber(macToOctets(each.hardwareAddress), 0));
  for (const on of state.ports.keys()) {
    if (present.has(on)) continue;
    state.ports.delete(on);
    for (const announcement of state.announcements.values()) {
      const presence = announcement.on.get(on);
      if (presence !== undefined) vanish(state, announcement, presence, effects);
    }
  }
  for (const each of present.values()) changeInterface(state, each, now, effects);
  return effects;
}

function changeInterface(state: ResponderState, to: Interface, now: Instant, effects: ResponderEffect[]): void {
  const before = state.ports.get(to.index);
  if (before !== undefined && isSame(before.interface, to)) return;
  state.ports.set(to.index, createPort(to, before?.groups ?? new Map()));
  const moved = before !== undefined && before.interface.hardwareAddress !== to.hardwareAddress;
  for (const announcement of state.announcements.values()) {
    const presence = announcement.on.get(to.index);
    settle(state, announcement, to.index, now, effects);
    if (moved && presence !== undefined && announcement.on.get(to.index) === presence) {
      restart(state, presence, now, effects);
    }
  }
}

function isSame(a: Interface, b: Interface): boolean {
  return (
    a.name === b.name &&
    a.hardwareAddress === b.hardwareAddress &&
    a.up === b.up &&
    a.carrier === b.carrier &&
    a.linkLocalAddress === b.linkLocalAddress
  );
}
