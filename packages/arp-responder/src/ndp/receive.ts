import { type Instant, isMulticast, type MacAddress, macToOctets } from "@herald-lb/sansio";
import { defend } from "../announcing.ts";
import { type EthernetFrame, isStation } from "../ethernet.ts";
import type { IgnoreReason, ResponderEffect } from "../responder-effect.ts";
import { isOpen, isOwnStation, type Port, type ResponderState } from "../responder-state.ts";
import { ALL_NODES, advertisementFrame } from "./advertisement.ts";
import { decodeIpv6, type Ipv6Header } from "./ipv6-header.ts";
import { decodeNdp, type NdpMessage } from "./message.ts";

/** Takes an IPv6 frame: reports claims of announced addresses, answers Neighbor Solicitations, names why it ignores the rest. */
export function receiveNdp(
  state: ResponderState,
  port: Port,
  frame: EthernetFrame,
  now: Instant,
): readonly ResponderEffect[] {
  const on = port.interface.index;
  if (!isOpen(port, "IPv6")) return [{ type: "Ignored", on, reason: "Closed" }];
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
  const reason = ignoreReason(state, port, frame, header, message, sender, claimed !== undefined);
  if (reason === null) return [adviseOf(port, header, message, sender)];
  const effects: ResponderEffect[] = [];
  if (reason === "Conflict" && claimed !== undefined) {
    effects.push({ type: "Conflict", on, address: claimed.address, by: sender });
    defend(state, claimed, now, effects);
  }
  effects.push({ type: "Ignored", on, reason });
  return effects;
}

function ignoreReason(
  state: ResponderState,
  { interface: { index, hardwareAddress } }: Port,
  { destination, source }: EthernetFrame,
  header: Ipv6Header,
  message: NdpMessage,
  sender: MacAddress,
  claims: boolean,
): IgnoreReason | null {
  if (!isStation(sender) || isMulticast(header.source)) return "Malformed";
  if (isOwnStation(state, macToOctets(sender)) || isOwnStation(state, macToOctets(source))) return "OwnFrame";
  if (claims) return "Conflict";
  if (message.type !== "NeighborSolicitation") return "NotARequest";
  if (destination !== hardwareAddress && !destination.startsWith("33:33:")) return "EthernetDestination";
  const announcement = state.announcements.get(message.targetAddress);
  if (announcement === undefined) return "NotAnnounced";
  return announcement.on.has(index) ? null : "NotMatchInterface";
}

/** RFC 4861 §7.2.4: to the asker with Solicited set, or to all nodes without it when the asker has no address yet. */
function adviseOf(port: Port, header: Ipv6Header, message: NdpMessage, sender: MacAddress): ResponderEffect {
  const { index, hardwareAddress } = port.interface;
  const address = message.targetAddress;
  const solicited = header.source !== "::";
  // A unicast solicitation that probes reachability may leave its link-layer address out (RFC 4861 §4.3): the frame has it.
  const to = solicited
    ? { address: header.source, hardwareAddress: sender }
    : { address: ALL_NODES, hardwareAddress: "33:33:00:00:00:01" as MacAddress };
  const octets = advertisementFrame(address, hardwareAddress, to, { solicited });
  return { type: "SendFrame", on: index, octets, address, purpose: "Reply" };
}

function linkLayerAddressOf(message: NdpMessage): MacAddress | null {
  const wanted = message.type === "NeighborSolicitation" ? "SourceLinkLayerAddress" : "TargetLinkLayerAddress";
  for (const option of message.options) if (option.type === wanted) return option.address;
  return null;
}
