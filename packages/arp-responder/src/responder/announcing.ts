import {
  BROADCAST_MAC,
  type Instant,
  instant,
  type IpAddress,
  type Ipv6Address,
  isIpv6,
  type MacAddress,
} from "@herald-lb/sansio";
import { encodeArp, Operation } from "../arp/packet.ts";
import { ANNOUNCE_INTERVAL, ANNOUNCE_NUM, DEFEND_INTERVAL, MAX_NEIGHBOR_ADVERTISEMENT } from "../constants.ts";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import type { InterfaceIndex } from "../interface.ts";
import { ALL_NODES, advertisementFrame } from "../ndp/advertisement.ts";
import { solicitedNodeMulticast } from "../ndp/solicited-node.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceSelection } from "./responder-event.ts";
import {
  type Announcement,
  isUsable,
  type InterfaceState,
  type ActiveAnnouncement,
  type ResponderState,
} from "./responder-state.ts";

/** Makes an announcement present on an interface exactly when it is wanted there and the interface is open. */
export function updateAnnouncement(
  state: ResponderState,
  announcement: Announcement,
  on: InterfaceIndex,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const iface = state.interfaces.get(on);
  const active = announcement.on.get(on);
  if (
    iface !== undefined &&
    isUsable(iface, announcement.family) &&
    isRequestedOn(announcement, iface.interface.name)
  ) {
    if (active === undefined) startAnnouncing(state, announcement, iface, now, effects);
  } else if (active !== undefined) stopAnnouncing(state, announcement, active, effects);
}

/** Announces again from the first round, as after a change of hardware address. */
export function restartAnnouncing(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  active.announcementsLeft = isIpv6(active.address) ? MAX_NEIGHBOR_ADVERTISEMENT : ANNOUNCE_NUM;
  effects.push({ type: "Announced", on: active.on, address: active.address });
  sendNextAnnouncement(state, active, now, effects);
}

/** Sends one round and sets the time of the next. */
export function sendNextAnnouncement(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  sendAnnouncement(state, active, effects);
  active.announcementsLeft--;
  state.announcing.delete(active);
  active.announceTimer = active.announcementsLeft > 0 ? instant(now + ANNOUNCE_INTERVAL) : null;
  if (active.announceTimer !== null) state.announcing.add(active);
}

/**
 * Answers a claim of another station with one round, at most one in DEFEND_INTERVAL; a claim that comes sooner is answered when the
 * interval is over, so that after a split heals the last word is the announcer's. RFC 5227 §2.4.
 */
export function defend(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  if (active.defendTimer !== null) return;
  const earliest = active.defendedAt === null ? now : instant(active.defendedAt + DEFEND_INTERVAL);
  if (earliest <= now) return sendDefense(state, active, now, effects);
  active.defendTimer = earliest;
  state.defending.add(active);
}

/** Sends the round of a defence. */
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

/** Takes an announcement off an interface: from here on nothing is sent or answered for it there. */
export function stopAnnouncing(
  state: ResponderState,
  announcement: Announcement,
  active: ActiveAnnouncement,
  effects: ResponderEffect[],
): void {
  const { on, address } = active;
  announcement.on.delete(on);
  state.announcing.delete(active);
  state.defending.delete(active);
  const iface = state.interfaces.get(on);
  // The kernel has already ended the memberships of an interface that is gone.
  if (iface !== undefined && isIpv6(address)) leave(iface, address, effects);
  effects.push({ type: "Withdrawn", on, address });
}

function startAnnouncing(
  state: ResponderState,
  announcement: Announcement,
  iface: InterfaceState,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { address } = announcement;
  const on = iface.interface.index;
  const active: ActiveAnnouncement = {
    address,
    on,
    announcementsLeft: 0,
    announceTimer: null,
    defendedAt: null,
    defendTimer: null,
  };
  announcement.on.set(on, active);
  // Joined first: an answer to the announcement must find the way in.
  if (isIpv6(address)) join(iface, address, effects);
  restartAnnouncing(state, active, now, effects);
}

function isRequestedOn({ requestedBy }: Announcement, name: string): boolean {
  for (const selection of requestedBy.values()) if (selects(selection, name)) return true;
  return false;
}

function selects(selection: InterfaceSelection, name: string): boolean {
  return selection === "all" || selection.includes(name);
}

function join(
  { groups, interface: { index } }: InterfaceState,
  address: Ipv6Address,
  effects: ResponderEffect[],
): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  groups.set(group, members + 1);
  if (members === 0) effects.push({ type: "JoinGroup", on: index, group });
}

function leave(
  { groups, interface: { index } }: InterfaceState,
  address: Ipv6Address,
  effects: ResponderEffect[],
): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  if (members > 1) groups.set(group, members - 1);
  else if (groups.delete(group)) effects.push({ type: "LeaveGroup", on: index, group });
}

function sendAnnouncement(
  state: ResponderState,
  { address, on }: ActiveAnnouncement,
  effects: ResponderEffect[],
): void {
  const iface = state.interfaces.get(on);
  if (iface === undefined) throw new Error(`active of ${address} on interface ${on}, which is gone`);
  for (const octets of announcementFrames(address, iface.interface.hardwareAddress)) {
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
