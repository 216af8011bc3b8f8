import type { Instant } from "@herald-lb/sansio";
import {
  CHECKSUM,
  coveredSum,
  DESTINATION_ADDRESS,
  ETHER_TYPE_AND_VERSION,
  FRAME_DESTINATION,
  FRAME_SOURCE,
  ICMPV6_AND_HOP_LIMIT,
  LENGTH_WITH_OPTION,
  LINK_LAYER_ADDRESS,
  NEXT_HEADER_AND_HOP_LIMIT,
  OPTION,
  PAYLOAD_LENGTH,
  SOURCE_ADDRESS,
  TARGET_ADDRESS,
  TYPE_AND_CODE,
} from "../ndp/frame-layout.ts";
import { hardwareAddressNumber, ipv6AddressKey, u16, u32 } from "../octet-numbers.ts";
import { bucketOfIpv6 } from "../sharing/client-bucket.ts";
import { meetClient } from "./meet-client.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceState, ResponderState } from "./responder-state.ts";

/** Type and code of a Neighbor Solicitation, RFC 4861 §4.3. */
const SOLICITATION = 135 << 8;
/** Type and length of a source link-layer address option, RFC 4861 §4.6.1. */
const SOURCE_OPTION = 0x0101;
/** Octets of the ICMPv6 message with one option, and without. */
const WITH_OPTION: number = LENGTH_WITH_OPTION - TYPE_AND_CODE;
const WITHOUT_OPTION: number = OPTION - TYPE_AND_CODE;

/**
 * Answers the plain case straight from the octets: a Neighbor Solicitation of a foreign station that has an address and claims none of the
 * announced, with a source link-layer address option or without any. Null for anything else, which takes the way through the codec; both ways
 * give the same for the same frame.
 */
export function answerPlainSolicitation(
  state: ResponderState,
  iface: InterfaceState,
  octets: Uint8Array,
  now: Instant,
): readonly ResponderEffect[] | null {
  const length = octets.length < TARGET_ADDRESS ? 0 : u16(octets, PAYLOAD_LENGTH);
  const hasOption = length === WITH_OPTION;
  if (
    (!hasOption && length !== WITHOUT_OPTION) ||
    octets.length < TYPE_AND_CODE + length ||
    u32(octets, ETHER_TYPE_AND_VERSION) >>> 12 !== 0x86dd6 ||
    u16(octets, NEXT_HEADER_AND_HOP_LIMIT) !== ICMPV6_AND_HOP_LIMIT ||
    u16(octets, TYPE_AND_CODE) !== SOLICITATION ||
    (hasOption && u16(octets, OPTION) !== SOURCE_OPTION)
  )
    return null;
  const announcement = state.ipv6.get(ipv6AddressKey(octets, TARGET_ADDRESS));
  const on = iface.interface.index;
  if (announcement?.on.has(on) !== true) return null;
  if (!isForeignStation(state, octets, FRAME_SOURCE)) return null;
  const senderAt = hasOption ? LINK_LAYER_ADDRESS : FRAME_SOURCE;
  if (hasOption && !isForeignStation(state, octets, senderAt)) return null;
  if (!isSentToNeighbours(iface.hardwareAddress, octets) || !hasPlainSource(state, octets)) return null;
  if (coveredSum(octets, length) !== 0xffff) return null;

  let effects: ResponderEffect[] | null = null;
  const { sharing, address } = announcement;
  if (sharing !== null) {
    effects = [];
    const asker = {
      address,
      client: ipv6AddressKey(octets, SOURCE_ADDRESS),
      bucket: bucketOfIpv6(octets, SOURCE_ADDRESS, sharing.salt),
      on,
      hardwareAddress: hardwareAddressNumber(octets, senderAt),
      source: hardwareAddressNumber(octets, FRAME_SOURCE),
      isToAll: u16(octets, FRAME_DESTINATION) === 0x3333,
      isProbe: false,
    };
    const reason = meetClient(state, sharing, asker, now, effects);
    if (reason === "ServedByAnother" && effects.length === 0) return iface.servedByAnother;
    if (reason !== null) return [...effects, { type: "Ignored", on, reason }];
  }

  const reply = new Uint8Array(iface.advertisementTemplate);
  for (let i = 0; i < 6; i++) reply[FRAME_DESTINATION + i] = octets[senderAt + i] as number;
  for (let i = 0; i < 16; i++) {
    const octet = octets[TARGET_ADDRESS + i] as number;
    reply[SOURCE_ADDRESS + i] = octet;
    reply[TARGET_ADDRESS + i] = octet;
    reply[DESTINATION_ADDRESS + i] = octets[SOURCE_ADDRESS + i] as number;
  }
  const checksum = ~coveredSum(reply, WITH_OPTION);
  reply[CHECKSUM] = checksum >>> 8;
  reply[CHECKSUM + 1] = checksum;
  const send = { type: "SendFrame", on, octets: reply, address, purpose: "Reply", cause: null } as const;
  return effects === null ? [send] : [send, ...effects];
}

function isForeignStation(state: ResponderState, octets: Uint8Array, at: number): boolean {
  const station = hardwareAddressNumber(octets, at);
  return station !== 0 && ((octets[at] as number) & 1) === 0 && !state.ownHardwareAddresses.has(station);
}

/** True for a frame to this station or to an IPv6 group. */
function isSentToNeighbours(station: Uint8Array, octets: Uint8Array): boolean {
  if (u16(octets, FRAME_DESTINATION) === 0x3333) return true;
  return u32(octets, FRAME_DESTINATION) === u32(station, 0) && u16(octets, FRAME_DESTINATION + 4) === u16(station, 4);
}

/** True for a source that is neither a group, nor the unspecified address, nor one that this node announces. */
function hasPlainSource({ ipv6 }: ResponderState, octets: Uint8Array): boolean {
  const first = octets[SOURCE_ADDRESS] as number;
  // What begins with zeros may be the unspecified address: no host has an address there.
  return first !== 0 && first !== 0xff && !ipv6.has(ipv6AddressKey(octets, SOURCE_ADDRESS));
}
