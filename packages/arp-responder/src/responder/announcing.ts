import { BROADCAST_MAC, type Instant, instant, type IpAddress, isIpv6, type MacAddress } from "@herald-lb/sansio";
import { encodeArp, Operation } from "../arp/packet.ts";
import { ANNOUNCE_INTERVAL, ANNOUNCE_NUM, MAX_NEIGHBOR_ADVERTISEMENT } from "../constants.ts";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import { ALL_NODES, advertisementFrame } from "../ndp/advertisement.ts";
import type { ArpAnnouncementForm } from "./cadence.ts";
import { joinGroup, leaveGroup } from "./groups.ts";
import { mayAnnounceNow } from "./pacing.ts";
import { cancelRefresh, planRefresh } from "./refresh.ts";
import { takeOverClients } from "./take-over-clients.ts";
import { tellOwnClients } from "./telling.ts";
import type { AnnouncementCause, ResponderEffect } from "./responder-effect.ts";
import {
  type ActiveAnnouncement,
  type Announcement,
  announcementOf,
  type InterfaceState,
  type ResponderState,
} from "./responder-state.ts";

/** Announces an address again ANNOUNCE_NUM times, as after a change of the hardware address; a shared one to the clients of this node alone. */
export function restartAnnouncing(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  cause: AnnouncementCause,
  effects: ResponderEffect[],
): void {
  const announcement = announcementOf(state, active.address);
  if (announcement.sharing !== null) return tellOwnClients(state, announcement, active.on, now, effects);
  cancelRefresh(state, active);
  active.cause = cause;
  active.announcementsLeft = isIpv6(active.address) ? MAX_NEIGHBOR_ADVERTISEMENT : ANNOUNCE_NUM;
  if (mayAnnounceNow(state, now)) return sendNextAnnouncement(state, active, now, effects);
  state.announcing.delete(active);
  active.announceTimer = null;
  state.pacing.waiting.add(active);
}

/** Sends one announcement and sets the time of the next; after the last, that of the first refresh. */
export function sendNextAnnouncement(
  state: ResponderState,
  active: ActiveAnnouncement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  sendAnnouncement(state, active, active.cause, effects);
  active.announcementsLeft--;
  state.announcing.delete(active);
  active.announceTimer = active.announcementsLeft > 0 ? instant(now + ANNOUNCE_INTERVAL) : null;
  if (active.announceTimer !== null) state.announcing.add(active);
  else planRefresh(state, announcementOf(state, active.address), active, now, "First");
}

/** Stops announcing an address on an interface: nothing is sent or answered for it there any more. */
export function stopAnnouncing(
  state: ResponderState,
  announcement: Announcement,
  active: ActiveAnnouncement,
  effects: ResponderEffect[],
): void {
  const { on, address } = active;
  announcement.on.delete(on);
  state.announcing.delete(active);
  state.pacing.waiting.delete(active);
  cancelRefresh(state, active);
  active.defendTimer = null;
  active.challenger = null;
  active.yieldTimer = null;
  const iface = state.interfaces.get(on);
  // The kernel has already ended the memberships of an interface that is gone.
  if (iface !== undefined && isIpv6(address)) leaveGroup(iface, address, effects);
}

/** Starts announcing an address on an interface, and answering for it there. */
export function startAnnouncing(
  state: ResponderState,
  announcement: Announcement,
  iface: InterfaceState,
  now: Instant,
  cause: AnnouncementCause,
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
    yieldTimer: null,
    cause,
    refreshTimer: null,
    challenger: null,
  };
  announcement.on.set(on, active);
  // Joined first: an answer to the announcement must find the way in.
  if (isIpv6(address)) joinGroup(iface, address, effects);
  if (announcement.sharing === null) restartAnnouncing(state, active, now, cause, effects);
  else takeOverClients(state, announcement, null, now, effects);
}

/** Sends one announcement of an address on an interface; none during a handover. */
export function sendAnnouncement(
  state: ResponderState,
  { address, on }: ActiveAnnouncement,
  cause: AnnouncementCause,
  effects: ResponderEffect[],
): void {
  // The successor announces: a frame of this node would undo what neighbours learnt from it.
  if (state.handingOver) return;
  const iface = state.interfaces.get(on);
  if (iface === undefined) throw new Error(`${address} is announced on interface ${on}, which is gone`);
  const { form } = announcementOf(state, address).cadence;
  for (const octets of announcementFrames(address, iface.interface.hardwareAddress, form)) {
    effects.push({ type: "SendFrame", on, octets, address, purpose: "Announcement", cause });
  }
}

/**
 * The frames of one announcement of an address: a Neighbor Advertisement to all nodes (RFC 4861 §7.2.6), or an ARP Announcement (RFC 5227 §2.3) and the
 * same as a Reply, since some switches and routers learn from one form alone.
 */
export function announcementFrames(
  address: IpAddress,
  from: MacAddress,
  form: ArpAnnouncementForm = "Both",
): readonly Uint8Array[] {
  if (isIpv6(address)) {
    const to = { address: ALL_NODES, hardwareAddress: "33:33:00:00:00:01" as MacAddress };
    return [advertisementFrame(address, from, to, { solicited: false })];
  }
  const sender = { senderHardwareAddress: from, senderProtocolAddress: address, targetProtocolAddress: address };
  const none = "00:00:00:00:00:00" as MacAddress;
  const request = encodeArp({ operation: Operation.Request, ...sender, targetHardwareAddress: none });
  const reply = encodeArp({ operation: Operation.Reply, ...sender, targetHardwareAddress: BROADCAST_MAC });
  const packets = form === "Both" ? [request, reply] : [form === "Request" ? request : reply];
  return packets.map((payload) =>
    encodeEthernet({ destination: BROADCAST_MAC, source: from, etherType: EtherType.Arp, payload }),
  );
}
