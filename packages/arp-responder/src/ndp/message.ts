import {
  ByteReader,
  ByteWriter,
  err,
  internetChecksum,
  type Ipv6Address,
  ipv6FromOctets,
  ipv6ToOctets,
  isMulticast,
  ok,
  type Result,
  ShortRead,
} from "@herald-lb/sansio";
import { ICMPV6, type Ipv6Header } from "./ipv6-header.ts";
import { type NdpOption, readOptions, writeOption } from "./option.ts";

/** A message of Neighbor Discovery that resolves addresses. `reserved` bits are carried and mean nothing. */
export type NdpMessage =
  /** RFC 4861 §4.3. */
  | {
      readonly type: "NeighborSolicitation";
      /** 32 bits. */
      readonly reserved: number;
      readonly targetAddress: Ipv6Address;
      readonly options: readonly NdpOption[];
    }
  /** RFC 4861 §4.4. */
  | {
      readonly type: "NeighborAdvertisement";
      readonly router: boolean;
      readonly solicited: boolean;
      readonly override: boolean;
      /** 29 bits. */
      readonly reserved: number;
      readonly targetAddress: Ipv6Address;
      readonly options: readonly NdpOption[];
    };

/** Why a message is not valid or not one of ours. RFC 4861 §7.1.1, RFC 4861 §7.1.2. */
export type NdpDecodeError =
  | { readonly code: "MessageType"; readonly nextHeader: number; readonly messageType: number | null }
  | { readonly code: "ShortMessage"; readonly length: number }
  | { readonly code: "BadHopLimit"; readonly hopLimit: number }
  | { readonly code: "BadChecksum"; readonly remainder: number }
  | { readonly code: "BadCode"; readonly value: number }
  | { readonly code: "MulticastTarget"; readonly targetAddress: Ipv6Address }
  | { readonly code: "BadOption" }
  | { readonly code: "BadUnspecifiedSource" }
  | { readonly code: "SolicitedMulticast" };

const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;
const FLAGS = ROUTER | SOLICITED | OVERRIDE;
const HOP_LIMIT = 255;
const SHORTEST = 24;

/** The pseudo-header that the checksum covers besides the message. RFC 8200 §8.1. */
type PseudoHeader = Pick<Ipv6Header, "source" | "destination">;

/** Reads the ICMPv6 message behind `header` and validates it as RFC 4861 §7.1 asks. */
export function decodeNdp(header: Ipv6Header, icmpv6: Uint8Array): Result<NdpMessage, NdpDecodeError> {
  const type = icmpv6[0] ?? null;
  if (header.nextHeader !== ICMPV6 || (type !== NEIGHBOR_SOLICITATION && type !== NEIGHBOR_ADVERTISEMENT)) {
    return err({ code: "MessageType", nextHeader: header.nextHeader, messageType: type });
  }
  if (header.hopLimit !== HOP_LIMIT) return err({ code: "BadHopLimit", hopLimit: header.hopLimit });
  if (icmpv6.length < SHORTEST) return err({ code: "ShortMessage", length: icmpv6.length });
  const remainder = checksum(header, icmpv6);
  if (remainder !== 0) return err({ code: "BadChecksum", remainder });
  try {
    return readMessage(header, type, new ByteReader(icmpv6));
  } catch (error) {
    if (error instanceof ShortRead) return err({ code: "ShortMessage", length: icmpv6.length });
    throw error;
  }
}

function readMessage(header: Ipv6Header, type: number, reader: ByteReader): Result<NdpMessage, NdpDecodeError> {
  reader.skip(1);
  const code = reader.u8();
  if (code !== 0) return err({ code: "BadCode", value: code });
  reader.skip(2);
  const word = reader.u32();
  const targetAddress = ipv6FromOctets(reader.octets(16));
  if (isMulticast(targetAddress)) return err({ code: "MulticastTarget", targetAddress });
  const options = readOptions(reader);
  if (options === null) return err({ code: "BadOption" });
  if (type === NEIGHBOR_SOLICITATION) {
    if (header.source === "::" && !isFromTentative(header, options)) return err({ code: "BadUnspecifiedSource" });
    return ok({ type: "NeighborSolicitation", reserved: word, targetAddress, options });
  }
  const solicited = (word & SOLICITED) !== 0;
  if (solicited && isMulticast(header.destination)) return err({ code: "SolicitedMulticast" });
  const flags = { router: (word & ROUTER) !== 0, solicited, override: (word & OVERRIDE) !== 0 };
  return ok({ type: "NeighborAdvertisement", ...flags, reserved: (word & ~FLAGS) >>> 0, targetAddress, options });
}

/** RFC 4861 §7.1.1: from the unspecified address only to a solicited-node group, without a source link-layer address. */
function isFromTentative(header: Ipv6Header, options: readonly NdpOption[]): boolean {
  return (
    /^ff02::1:ff[0-9a-f]{2}:/.test(header.destination) && !options.some(({ type }) => type === "SourceLinkLayerAddress")
  );
}

/** Writes the ICMPv6 message that goes behind a header with these addresses, next header 58 and hop limit 255. */
export function encodeNdp(header: PseudoHeader, message: NdpMessage): Uint8Array {
  const writer = new ByteWriter(32);
  const isSolicitation = message.type === "NeighborSolicitation";
  writer.u8(isSolicitation ? NEIGHBOR_SOLICITATION : NEIGHBOR_ADVERTISEMENT);
  writer.u8(0);
  const checksumAt = writer.reserveU16();
  writer.u32(isSolicitation ? message.reserved : flagsOf(message) | message.reserved);
  writer.octets(ipv6ToOctets(message.targetAddress));
  for (const option of message.options) writeOption(writer, option);
  writer.patchU16(checksumAt, checksum(header, writer.finish()));
  return writer.finish();
}

function flagsOf(message: {
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
}): number {
  return (message.router ? ROUTER : 0) | (message.solicited ? SOLICITED : 0) | (message.override ? OVERRIDE : 0);
}

function checksum({ source, destination }: PseudoHeader, icmpv6: Uint8Array): number {
  const { length } = icmpv6;
  const tail = Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length, 0, 0, 0, ICMPV6);
  return internetChecksum([ipv6ToOctets(source), ipv6ToOctets(destination), tail, icmpv6]);
}
