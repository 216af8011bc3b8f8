import { BROADCAST_MAC, type Instant, ipv4ToNumber, macToOctets } from "@herald-lb/sansio";
import { meetConflict } from "./conflict.ts";
import { type EthernetFrame, EtherType, encodeEthernet, isUnicastHardwareAddress } from "../ethernet.ts";
import { takeOwnFrame } from "./own-frame.ts";
import type { InterfaceIndex } from "../interface.ts";
import { hardwareAddressNumber } from "../octet-numbers.ts";
import { bucketOfIpv4 } from "../sharing/client-bucket.ts";
import { meetClient } from "./meet-client.ts";
import { noteRequest, requestKey } from "./pacing.ts";
import type { IgnoreReason, ResponderEffect } from "./responder-effect.ts";
import { isOwnHardwareAddress, type InterfaceState, type ResponderState } from "./responder-state.ts";
import { meetStation } from "./rival.ts";
import { type ArpPacket, decodeArp, encodeArp, Operation } from "../arp/packet.ts";

/** The sender protocol address of an ARP Probe. RFC 5227 §2.1.1. */
const UNSPECIFIED = "0.0.0.0";

/** Takes an ARP frame through the codec: reports claims of announced addresses, answers Requests, names why it ignores the rest. */
export function receiveArp(
  state: ResponderState,
  iface: InterfaceState,
  frame: EthernetFrame,
  now: Instant,
): readonly ResponderEffect[] {
  const on = iface.interface.index;
  const decoded = decodeArp(frame.payload);
  if (!decoded.ok) {
    const { code } = decoded.error;
    const reason = code === "BadHardwareType" || code === "BadProtocolType" ? "MessageType" : "Malformed";
    return [{ type: "Ignored", on, reason }];
  }
  const packet = decoded.value;
  const claimed = state.announcements.get(packet.senderProtocolAddress)?.on.get(on);
  const means = packet.senderProtocolAddress === UNSPECIFIED ? "Probe" : "Claim";
  const asked = means === "Probe" ? packet.targetProtocolAddress : packet.senderProtocolAddress;
  const tentative = state.announcements.get(asked)?.tentative.get(on);
  const reason = ignoreReason(state, iface, frame, packet, claimed !== undefined || tentative !== undefined);
  if (reason === "NotAnnounced") noteRequest(state, requestKey(packet.targetProtocolAddress), now);
  const effects: ResponderEffect[] = [];
  if (reason === null) {
    const served = meetSender(state, on, frame, packet, now, effects);
    effects.unshift(served === null ? replyTo(iface, packet) : { type: "Ignored", on, reason: served });
    return effects;
  }
  if (reason === "OwnFrame")
    takeOwnFrame(state, iface, { source: frame.source, claims: packet.senderProtocolAddress }, now, effects);
  if (reason === "Conflict" && claimed !== undefined) {
    meetConflict(state, claimed, packet.senderHardwareAddress, now, effects);
  } else if (reason === "Conflict" && tentative !== undefined) {
    meetStation(state, tentative, packet.senderHardwareAddress, means, now, effects);
  }
  effects.push({ type: "Ignored", on, reason });
  return effects;
}

function ignoreReason(
  state: ResponderState,
  iface: InterfaceState,
  { destination }: EthernetFrame,
  packet: ArpPacket,
  claims: boolean,
): IgnoreReason | null {
  const { index, hardwareAddress } = iface.interface;
  if (!isUnicastHardwareAddress(packet.senderHardwareAddress)) return "Malformed";
  if (isOwnHardwareAddress(state, macToOctets(packet.senderHardwareAddress))) return "OwnFrame";
  // RFC 5227 §2.4: a packet, Request or Reply, from an announced address; RFC 5227 §2.1.1: a Probe for a tentative one.
  if (claims) return "Conflict";
  if (packet.operation !== Operation.Request) return "NotARequest";
  if (destination !== BROADCAST_MAC && destination !== hardwareAddress) return "EthernetDestination";
  const announcement = state.announcements.get(packet.targetProtocolAddress);
  if (announcement === undefined) return "NotAnnounced";
  if (announcement.on.has(index)) return null;
  return announcement.tentative.has(index) ? "Tentative" : "NotMatchInterface";
}

/** The reason why another node answers a request for a shared address; null where this one does. */
function meetSender(
  state: ResponderState,
  on: InterfaceIndex,
  { source, destination }: EthernetFrame,
  packet: ArpPacket,
  now: Instant,
  effects: ResponderEffect[],
): IgnoreReason | null {
  const address = packet.targetProtocolAddress;
  const sharing = state.announcements.get(address)?.sharing ?? null;
  if (sharing === null) return null;
  const client = ipv4ToNumber(packet.senderProtocolAddress);
  const asker = {
    address,
    client,
    bucket: bucketOfIpv4(client, sharing.salt),
    on,
    hardwareAddress: hardwareAddressNumber(macToOctets(packet.senderHardwareAddress), 0),
    source: hardwareAddressNumber(macToOctets(source), 0),
    isToAll: destination === BROADCAST_MAC,
    isProbe: packet.senderProtocolAddress === UNSPECIFIED,
  };
  return meetClient(state, sharing, asker, now, effects);
}

/** RFC 826 "Packet Reception": sender and target swapped; an ARP Probe (RFC 5227 §2.1.1) is answered like any other. */
function replyTo({ interface: { index, hardwareAddress } }: InterfaceState, request: ArpPacket): ResponderEffect {
  const address = request.targetProtocolAddress;
  const payload = encodeArp({
    operation: Operation.Reply,
    senderHardwareAddress: hardwareAddress,
    senderProtocolAddress: address,
    targetHardwareAddress: request.senderHardwareAddress,
    targetProtocolAddress: request.senderProtocolAddress,
  });
  const destination = request.senderHardwareAddress;
  const octets = encodeEthernet({ destination, source: hardwareAddress, etherType: EtherType.Arp, payload });
  return { type: "SendFrame", on: index, octets, address, purpose: "Reply", cause: null };
}
