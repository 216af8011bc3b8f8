import { ICMPV6, IPV6_HEADER_LENGTH } from "./ipv6-header.ts";
import { ETHERNET_HEADER_LENGTH } from "../ethernet.ts";

// A Neighbor Solicitation or Advertisement with at most one link-layer address option in an untagged Ethernet frame (RFC 2464, RFC 8200 §3,
// RFC 4861 §4.3 and §4.4), offsets in octets:
//   0 destination  6 source  12 EtherType  14 version, traffic class, flow label  18 payload length  20 next header  21 hop limit
//   22 source  38 destination  54 type, code, checksum  58 flags  62 target  78 option  80 link-layer address  86 end

/** Offset of the Ethernet destination. */
export const FRAME_DESTINATION = 0;
/** Offset of the Ethernet source. */
export const FRAME_SOURCE = 6;
/** Offset of the EtherType, before the version. */
export const ETHER_TYPE_AND_VERSION = 12;
/** Offset of the payload length. */
export const PAYLOAD_LENGTH = 18;
/** Offset of the next header, before the hop limit. */
export const NEXT_HEADER_AND_HOP_LIMIT = 20;
/** Offset of the source address. */
export const SOURCE_ADDRESS = 22;
/** Offset of the destination address. */
export const DESTINATION_ADDRESS = 38;
/** Offset of the ICMPv6 type, before the code. */
export const TYPE_AND_CODE: number = ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH;
/** Offset of the ICMPv6 checksum. */
export const CHECKSUM = 56;
/** Offset of an advertisement's flags. */
export const FLAGS = 58;
/** Offset of the target address. */
export const TARGET_ADDRESS = 62;
/** Offset of the type and length of the option. */
export const OPTION = 78;
/** Offset of the option's link-layer address. */
export const LINK_LAYER_ADDRESS = 80;
/** Octets of a frame with an option. */
export const LENGTH_WITH_OPTION = 86;

/** The next header and hop limit of every message of Neighbor Discovery. RFC 4861 §7.1. */
export const ICMPV6_AND_HOP_LIMIT: number = (ICMPV6 << 8) | 255;

/** A solicited Neighbor Advertisement from `hardwareAddress` that overrides, with zeros in the fields that depend on the solicitation. */
export function solicitedAdvertisementTemplate(hardwareAddress: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_WITH_OPTION);
  frame.set(hardwareAddress, FRAME_SOURCE);
  frame.set([0x86, 0xdd, 0x60], ETHER_TYPE_AND_VERSION);
  frame.set([0, LENGTH_WITH_OPTION - TYPE_AND_CODE, ICMPV6, 255], PAYLOAD_LENGTH);
  frame.set([136, 0], TYPE_AND_CODE);
  frame.set([0x60], FLAGS);
  frame.set([2, 1], OPTION);
  frame.set(hardwareAddress, LINK_LAYER_ADDRESS);
  return frame;
}

/** The sum of the 16-bit words that an ICMPv6 checksum covers, the field itself included: addresses, length, next header, message. RFC 8200 §8.1. */
export function coveredSum(frame: Uint8Array, payloadLength: number): number {
  let sum = payloadLength + ICMPV6;
  const end = TYPE_AND_CODE + payloadLength;
  for (let at = SOURCE_ADDRESS; at < end; at += 2) sum += ((frame[at] as number) << 8) | (frame[at + 1] as number);
  // Two folds are enough for fewer than 2^16 words.
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}
