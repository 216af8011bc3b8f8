import {
  DESTINATION,
  ETHER_TYPE_AND_HARDWARE,
  FRAME_LENGTH,
  OPERATION,
  PROTOCOL_AND_LENGTHS,
  SENDER_HARDWARE,
  SENDER_PROTOCOL,
  SOURCE,
  TARGET_HARDWARE,
  TARGET_PROTOCOL,
} from "../arp/frame-layout.ts";
import type { Instant } from "@herald-lb/sansio";
import { Operation } from "../arp/packet.ts";
import { hardwareAddressNumber, u16, u32 } from "../octet-numbers.ts";
import { bucketOfIpv4 } from "../sharing/client-bucket.ts";
import { meetClient } from "./meet-client.ts";
import { noteRequest } from "./pacing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceState, ResponderState } from "./responder-state.ts";

/**
 * Answers the plain case straight from the octets: a Request of a foreign station, that claims no announced address, sent to us or
 * to all. Null for anything else, which takes the way through the codec; both ways give the same for the same frame.
 */
export function answerPlainRequest(
  state: ResponderState,
  iface: InterfaceState,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] | null {
  if (
    octets.length < FRAME_LENGTH ||
    u32(octets, ETHER_TYPE_AND_HARDWARE) !== 0x0806_0001 ||
    u32(octets, PROTOCOL_AND_LENGTHS) !== 0x0800_0604 ||
    u16(octets, OPERATION) !== Operation.Request
  ) {
    return null;
  }
  const sender = hardwareAddressNumber(octets, SENDER_HARDWARE);
  if (sender === 0 || ((octets[SENDER_HARDWARE] as number) & 1) !== 0 || state.ownHardwareAddresses.has(sender))
    return null;
  if (!isBroadcast(octets) && !isFor(iface.hardwareAddress, octets)) return null;
  if (state.ipv4.has(u32(octets, SENDER_PROTOCOL))) return null;
  const target = u32(octets, TARGET_PROTOCOL);
  const announcement = state.ipv4.get(target);
  if (announcement === undefined) {
    noteRequest(state, target, now);
    return iface.notAnnounced;
  }
  const on = iface.interface.index;
  if (!announcement.on.has(on)) return null;
  let effects: ResponderEffect[] | null = null;
  if (announcement.sharing !== null) {
    effects = [];
    const client = u32(octets, SENDER_PROTOCOL);
    const asker = {
      address: announcement.address,
      client,
      bucket: bucketOfIpv4(client, announcement.sharing.salt),
      on,
      hardwareAddress: sender,
      source: hardwareAddressNumber(octets, SOURCE),
      isToAll: isBroadcast(octets),
      isProbe: client === 0,
    };
    const reason = meetClient(state, announcement.sharing, asker, now, effects);
    if (reason === "ServedByAnother" && effects.length === 0) return iface.servedByAnother;
    if (reason !== null) return [...effects, { type: "Ignored", on, reason }];
  }
  const reply = new Uint8Array(iface.replyTemplate);
  for (let i = 0; i < 6; i++) {
    const octet = octets[SENDER_HARDWARE + i] as number;
    reply[DESTINATION + i] = octet;
    reply[TARGET_HARDWARE + i] = octet;
  }
  for (let i = 0; i < 4; i++) {
    reply[SENDER_PROTOCOL + i] = octets[TARGET_PROTOCOL + i] as number;
    reply[TARGET_PROTOCOL + i] = octets[SENDER_PROTOCOL + i] as number;
  }
  const { address } = announcement;
  const send = { type: "SendFrame", on, octets: reply, address, purpose: "Reply", cause: null } as const;
  return effects === null ? [send] : [send, ...effects];
}

function isBroadcast(octets: Uint8Array): boolean {
  return u32(octets, DESTINATION) === 0xffff_ffff && u16(octets, DESTINATION + 4) === 0xffff;
}

function isFor(station: Uint8Array, octets: Uint8Array): boolean {
  return u32(octets, DESTINATION) === u32(station, 0) && u16(octets, DESTINATION + 4) === u16(station, 4);
}
