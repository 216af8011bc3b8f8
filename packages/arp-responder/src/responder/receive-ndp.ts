import { type Instant, ipv6ToOctets, isMulticast, type MacAddress, macToOctets } from "@herald-lb/sansio";
import { bytesToHex } from "@noble/hashes/utils.js";
import { meetConflict } from "./conflict.ts";
import { type EthernetFrame, isUnicastHardwareAddress } from "../ethernet.ts";
import { takeOwnFrame } from "./own-frame.ts";
import type { InterfaceIndex } from "../interface.ts";
import { hardwareAddressNumber, ipv6AddressKey } from "../octet-numbers.ts";
import { bucketOfIpv6 } from "../sharing/client-bucket.ts";
import type { ActiveSharing } from "./clients.ts";
import { meetClient } from "./meet-client.ts";
import { noteRequest } from "./pacing.ts";
import type { IgnoreReason, ResponderEffect } from "./responder-effect.ts";
import { isUsable, isOwnHardwareAddress, type InterfaceState, type ResponderState } from "./responder-state.ts";
import { meetStation } from "./rival.ts";
import { ALL_NODES, advertisementFrame } from "../ndp/advertisement.ts";
import { decodeIpv6, type Ipv6Header } from "../ndp/ipv6-header.ts";
import { decodeNdp, type NdpMessage } from "../ndp/message.ts";

/** The source of a solicitation of duplicate address detection. RFC 4862 §5.4.2. */
const UNSPECIFIED = "::";
/** RFC 2464 §7. */
const ALL_NODES_MAC = "33:33:00:00:00:01" as MacAddress;

/** Takes an IPv6 frame: reports claims of announced addresses, answers Neighbor Solicitations, names why it ignores the rest. */
export function receiveNdp(
  state: ResponderState,
  iface: InterfaceState,
  frame: EthernetFrame,
  now: Instant,
): readonly ResponderEffect[] {
  const on = iface.interface.index;
  if (!isUsable(iface, "IPv6")) return [{ type: "Ignored", on, reason: "Closed" }];
  const packet = decodeIpv6(frame.payload);
  if (!packet.ok) return [{ type: "Ignored", on, reason: "Malformed" }];
  const { header, payload } = packet.value;
  const decoded = decodeNdp(header, payload);
  if (!decoded.ok) {
    return [{ type: "Ignored", on, reason: decoded.error.code === "MessageType" ? "MessageType" : "Malformed" }];
  }
  const message = decoded.value;
  const sender = linkLayerAddressOf(message) ?? frame.source;
  const claims = message.type === "NeighborAdvertisement" ? message.targetAddress : header.source;
  const claimed = state.announcements.get(claims)?.on.get(on);
  const means = claims === UNSPECIFIED ? "Probe" : "Claim";
  const tentative = state.announcements.get(means === "Probe" ? message.targetAddress : claims)?.tentative.get(on);
  // RFC 7527 §4.2: a solicitation of our own that the network sent back, though it may come from another station.
  if (tentative !== undefined && tentative.nonces.has(nonceOf(message)))
    return [{ type: "Ignored", on, reason: "OwnFrame" }];
  const isConflict = claimed !== undefined || tentative !== undefined;
  const reason = ignoreReason(state, iface, frame, header, message, sender, isConflict);
  if (reason === "NotAnnounced") noteRequest(state, message.targetAddress, now);
  const effects: ResponderEffect[] = [];
  if (reason === null) {
    const sharing = state.announcements.get(message.targetAddress)?.sharing ?? null;
    const served =
      sharing === null ? null : meetSource(state, sharing, on, { frame, header, message, sender }, now, effects);
    const answer = adviseOf(iface, header, message, sender, sharing === null ? ALL_NODES_MAC : frame.source);
    effects.unshift(served === null ? answer : { type: "Ignored", on, reason: served });
    return effects;
  }
  if (reason === "OwnFrame") takeOwnFrame(state, iface, { source: frame.source, claims }, now, effects);
  if (reason === "Conflict" && claimed !== undefined) {
    meetConflict(state, claimed, sender, now, effects);
  } else if (reason === "Conflict" && tentative !== undefined)
    meetStation(state, tentative, sender, means, now, effects);
  effects.push({ type: "Ignored", on, reason });
  return effects;
}

function ignoreReason(
  state: ResponderState,
  { interface: { index, hardwareAddress } }: InterfaceState,
  { destination, source }: EthernetFrame,
  header: Ipv6Header,
  message: NdpMessage,
  sender: MacAddress,
  claims: boolean,
): IgnoreReason | null {
  if (!isUnicastHardwareAddress(sender) || isMulticast(header.source)) return "Malformed";
  if (isOwnHardwareAddress(state, macToOctets(sender)) || isOwnHardwareAddress(state, macToOctets(source)))
    return "OwnFrame";
  if (claims) return "Conflict";
  if (message.type !== "NeighborSolicitation") return "NotARequest";
  if (destination !== hardwareAddress && !destination.startsWith("33:33:")) return "EthernetDestination";
  const announcement = state.announcements.get(message.targetAddress);
  if (announcement === undefined) return "NotAnnounced";
  if (announcement.on.has(index)) return null;
  return announcement.tentative.has(index) ? "Tentative" : "NotMatchInterface";
}

/** The reason why another node answers a solicitation for a shared address; null where this one does. */
function meetSource(
  state: ResponderState,
  sharing: ActiveSharing,
  on: InterfaceIndex,
  {
    frame,
    header,
    message,
    sender,
  }: { frame: EthernetFrame; header: Ipv6Header; message: NdpMessage; sender: MacAddress },
  now: Instant,
  effects: ResponderEffect[],
): IgnoreReason | null {
  const source = ipv6ToOctets(header.source);
  const asker = {
    address: message.targetAddress,
    client: ipv6AddressKey(source, 0),
    bucket: bucketOfIpv6(source, 0, sharing.salt),
    on,
    hardwareAddress: hardwareAddressNumber(macToOctets(sender), 0),
    source: hardwareAddressNumber(macToOctets(frame.source), 0),
    isToAll: frame.destination.startsWith("33:33:"),
    isProbe: header.source === UNSPECIFIED,
  };
  return meetClient(state, sharing, asker, now, effects);
}

/**
 * RFC 4861 §7.2.4: to the asker with Solicited set, or to all nodes without it when the asker has no address yet. The frame of the latter goes to `all`, which for a shared
 * address is the asker's own (RFC 6085 §3): the clients of other nodes must not hear it.
 */
function adviseOf(
  iface: InterfaceState,
  header: Ipv6Header,
  message: NdpMessage,
  sender: MacAddress,
  all: MacAddress,
): ResponderEffect {
  const { index, hardwareAddress } = iface.interface;
  const address = message.targetAddress;
  const solicited = header.source !== "::";
  // A unicast solicitation that probes reachability may leave its link-layer address out (RFC 4861 §4.3): the frame has it.
  const to = solicited
    ? { address: header.source, hardwareAddress: sender }
    : { address: ALL_NODES, hardwareAddress: all };
  const octets = advertisementFrame(address, hardwareAddress, to, { solicited });
  return { type: "SendFrame", on: index, octets, address, purpose: "Reply", cause: null };
}

/** The nonce of a message as hexadecimal digits; empty for none. RFC 3971 §5.3.2. */
function nonceOf(message: NdpMessage): string {
  for (const option of message.options) if (option.type === "Nonce") return bytesToHex(option.value);
  return "";
}

function linkLayerAddressOf(message: NdpMessage): MacAddress | null {
  const wanted = message.type === "NeighborSolicitation" ? "SourceLinkLayerAddress" : "TargetLinkLayerAddress";
  for (const option of message.options) if (option.type === wanted) return option.address;
  return null;
}
