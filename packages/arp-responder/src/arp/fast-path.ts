import type { ResponderEffect } from "../responder-effect.ts";
import type { Port, ResponderState } from "../responder-state.ts";
import { Operation } from "./packet.ts";

// The layout of an ARP packet for IPv4 in an untagged Ethernet frame, offsets in octets:
//   0 destination  6 source  12 EtherType  14 hardware and protocol type  18 lengths and operation
//   22 sender hardware  28 sender protocol  32 target hardware  38 target protocol  42 end
const DESTINATION = 0;
const ETHER_TYPE_AND_HARDWARE = 12;
const PROTOCOL_AND_LENGTHS = 16;
const OPERATION = 20;
const SENDER_HARDWARE = 22;
const SENDER_PROTOCOL = 28;
const TARGET_HARDWARE = 32;
const TARGET_PROTOCOL = 38;
const LENGTH = 42;

/**
 * Answers the plain case straight from the octets: a Request of a foreign station, that claims no announced address, sent to us or
 * to all. Null for anything else, which takes the way through the codec; both ways give the same for the same frame.
 */
export function answerPlainRequest(
  state: ResponderState,
  port: Port,
  octets: Uint8Array,
): readonly ResponderEffect[] | null {
  if (
    octets.length < LENGTH ||
    u32(octets, ETHER_TYPE_AND_HARDWARE) !== 0x0806_0001 ||
    u32(octets, PROTOCOL_AND_LENGTHS) !== 0x0800_0604 ||
    u16(octets, OPERATION) !== Operation.Request
  ) {
    return null;
  }
  const sender = stationNumber(octets, SENDER_HARDWARE);
  if (sender === 0 || ((octets[SENDER_HARDWARE] as number) & 1) !== 0 || state.ownStations.has(sender)) return null;
  if (!isBroadcast(octets) && !isFor(port.hardwareAddress, octets)) return null;
  if (state.ipv4.has(u32(octets, SENDER_PROTOCOL))) return null;
  const announcement = state.ipv4.get(u32(octets, TARGET_PROTOCOL));
  if (announcement === undefined) return port.notAnnounced;
  const on = port.interface.index;
  if (!announcement.on.has(on)) return null;
  const reply = new Uint8Array(port.replyTemplate);
  for (let i = 0; i < 6; i++) {
    const octet = octets[SENDER_HARDWARE + i] as number;
    reply[DESTINATION + i] = octet;
    reply[TARGET_HARDWARE + i] = octet;
  }
  for (let i = 0; i < 4; i++) {
    reply[SENDER_PROTOCOL + i] = octets[TARGET_PROTOCOL + i] as number;
    reply[TARGET_PROTOCOL + i] = octets[SENDER_PROTOCOL + i] as number;
  }
  return [{ type: "SendFrame", on, octets: reply, address: announcement.address, purpose: "Reply" }];
}

/** A reply from `hardwareAddress`, with everything zero that depends on the request. */
export function requestReplyTemplate(hardwareAddress: Uint8Array): Uint8Array {
  const reply = new Uint8Array(LENGTH);
  reply.set(hardwareAddress, 6);
  reply.set([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, Operation.Reply], ETHER_TYPE_AND_HARDWARE);
  reply.set(hardwareAddress, SENDER_HARDWARE);
  return reply;
}

/** The six octets at `offset` as one number, exact in 48 bits. */
export function stationNumber(octets: Uint8Array, offset: number): number {
  return u16(octets, offset) * 0x1_0000_0000 + u32(octets, offset + 2);
}

function isBroadcast(octets: Uint8Array): boolean {
  return u32(octets, DESTINATION) === 0xffff_ffff && u16(octets, DESTINATION + 4) === 0xffff;
}

function isFor(station: Uint8Array, octets: Uint8Array): boolean {
  return u32(octets, DESTINATION) === u32(station, 0) && u16(octets, DESTINATION + 4) === u16(station, 4);
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

function u32(octets: Uint8Array, at: number): number {
  return ((u16(octets, at) << 16) | u16(octets, at + 2)) >>> 0;
}
