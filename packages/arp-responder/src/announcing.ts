import {
  BROADCAST_MAC,
  type Instant,
  instant,
  type IpAddress,
  type Ipv6Address,
  isIpv6,
  type MacAddress,
} from "@herald-lb/sansio";
import { encodeArp, Operation } from "./arp/packet.ts";
import { ANNOUNCE_INTERVAL, ANNOUNCE_NUM, DEFEND_INTERVAL, MAX_NEIGHBOR_ADVERTISEMENT } from "./constants.ts";
import { EtherType, encodeEthernet } from "./ethernet.ts";
import type { InterfaceIndex } from "./interface.ts";
import { ALL_NODES, advertisementFrame } from "./ndp/advertisement.ts";
import { solicitedNodeMulticast } from "./ndp/solicited-node.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceSelection } from "./responder-event.ts";
import { type Announcement, isOpen, type Port, type Presence, type ResponderState } from "./responder-state.ts";

/** Makes an announcement present on an interface exactly when it is wanted there and the interface is open. */
export function settle(
  state: ResponderState,
  announcement: Announcement,
  on: InterfaceIndex,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const port = state.ports.get(on);
  const presence = announcement.on.get(on);
  if (port !== undefined && isOpen(port, announcement.family) && isWantedOn(announcement, port.interface.name)) {
    if (presence === undefined) appear(state, announcement, port, now, effects);
  } else if (presence !== undefined) vanish(state, announcement, presence, effects);
}

/** Announces again from the first round, as after a change of hardware address. */
export function restart(state: ResponderState, presence: Presence, now: Instant, effects: ResponderEffect[]): void {
  presence.roundsLeft = isIpv6(presence.address) ? MAX_NEIGHBOR_ADVERTISEMENT : ANNOUNCE_NUM;
  effects.push({ type: "Announced", on: presence.on, address: presence.address });
  playRound(state, presence, now, effects);
}

/** Sends one round and sets the time of the next. */
export function playRound(state: ResponderState, presence: Presence, now: Instant, effects: ResponderEffect[]): void {
  sendRound(state, presence, effects);
  presence.roundsLeft--;
  state.rounds.delete(presence);
  presence.roundTimer = presence.roundsLeft > 0 ? instant(now + ANNOUNCE_INTERVAL) : null;
  if (presence.roundTimer !== null) state.rounds.add(presence);
}

/**
 * Answers a claim of another station with one round, at most one in DEFEND_INTERVAL; a claim that comes sooner is answered when the
 * interval is over, so that after a split heals the last word is the announcer's. RFC 5227 §2.4.
 */
export function defend(state: ResponderState, presence: Presence, now: Instant, effects: ResponderEffect[]): void {
  if (presence.defendTimer !== null) return;
  const earliest = presence.defendedAt === null ? now : instant(presence.defendedAt + DEFEND_INTERVAL);
  if (earliest <= now) return playDefence(state, presence, now, effects);
  presence.defendTimer = earliest;
  state.defences.add(presence);
}

/** Sends the round of a defence. */
export function playDefence(state: ResponderState, presence: Presence, now: Instant, effects: ResponderEffect[]): void {
  state.defences.delete(presence);
  presence.defendTimer = null;
  presence.defendedAt = now;
  sendRound(state, presence, effects);
}

/** Takes an announcement off an interface: from here on nothing is sent or answered for it there. */
export function vanish(
  state: ResponderState,
  announcement: Announcement,
  presence: Presence,
  effects: ResponderEffect[],
): void {
  const { on, address } = presence;
  announcement.on.delete(on);
  state.rounds.delete(presence);
  state.defences.delete(presence);
  const port = state.ports.get(on);
  // The kernel has already ended the memberships of an interface that is gone.
  if (port !== undefined && isIpv6(address)) leave(port, address, effects);
  effects.push({ type: "Withdrawn", on, address });
}

function appear(
  state: ResponderState,
  announcement: Announcement,
  port: Port,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { address } = announcement;
  const on = port.interface.index;
  const presence: Presence = { address, on, roundsLeft: 0, roundTimer: null, defendedAt: null, defendTimer: null };
  announcement.on.set(on, presence);
  // Joined first: an answer to the announcement must find the way in.
  if (isIpv6(address)) join(port, address, effects);
  restart(state, presence, now, effects);
}

function isWantedOn({ wantedBy }: Announcement, name: string): boolean {
  for (const selection of wantedBy.values()) if (selects(selection, name)) return true;
  return false;
}

function selects(selection: InterfaceSelection, name: string): boolean {
  return selection === "all" || selection.includes(name);
}

function join({ groups, interface: { index } }: Port, address: Ipv6Address, effects: ResponderEffect[]): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  groups.set(group, members + 1);
  if (members === 0) effects.push({ type: "JoinGroup", on: index, group });
}

function leave({ groups, interface: { index } }: Port, address: Ipv6Address, effects: ResponderEffect[]): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  if (members > 1) groups.set(group, members - 1);
  else if (groups.delete(group)) effects.push({ type: "LeaveGroup", on: index, group });
}

function sendRound(state: ResponderState, { address, on }: Presence, effects: ResponderEffect[]): void {
  const port = state.ports.get(on);
  if (port === undefined) throw new Error(`presence of ${address} on interface ${on}, which is gone`);
  for (const octets of announcementFrames(address, port.interface.hardwareAddress)) {
    effects.push({ type: "SendFrame", on, octets, address, purpose: "Announcement" });
  }
}

/**
 * One round for an address: a Neighbor Advertisement to all nodes (RFC 4861 §7.2.6), or an ARP Announcement (RFC 5227 §2.3) and the
 * same as a Reply, since some switches and routers learn from one form alone.
 */
export function announcementFrames(address: IpAddress, from: MacAddress): readonly Uint8Array[] {
  if (isIpv6(address)) {
    const to = { address: ALL_NODES, hardwareAddress: "33:33:00:00:00:01" as MacAddress };
    return [advertisementFrame(address, from, to, { solicited: false })];
  }
  const sender = { senderHardwareAddress: from, senderProtocolAddress: address, targetProtocolAddress: address };
  const none = "00:00:00:00:00:00" as MacAddress;
  return [
    encodeArp({ operation: Operation.Request, ...sender, targetHardwareAddress: none }),
    encodeArp({ operation: Operation.Reply, ...sender, targetHardwareAddress: BROADCAST_MAC }),
  ].map((payload) => encodeEthernet({ destination: BROADCAST_MAC, source: from, etherType: EtherType.Arp, payload }));
}
