import {
  ByteReader,
  ByteWriter,
  err,
  type Ipv6Address,
  ipv6FromOctets,
  ipv6ToOctets,
  ok,
  type Result,
} from "@herald-lb/sansio";

/** Octets of an IPv6 header. */
export const IPV6_HEADER_LENGTH = 40;

/** The next header value of ICMPv6. RFC 4443 §1. */
export const ICMPV6 = 58;

/** An IPv6 header. RFC 8200 §3. */
export interface Ipv6Header {
  /** 8 bits. */
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** Octets after the header. */
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
}

/** Why octets hold no IPv6 packet. */
export type Ipv6DecodeError =
  | { readonly code: "ShortPacket"; readonly length: number }
  | { readonly code: "BadVersion"; readonly version: number }
  | { readonly code: "BadPayloadLength"; readonly payloadLength: number; readonly left: number };

/** Reads a header and the payload behind it, a view without an Ethernet frame's padding. RFC 8200 §3. */
export function decodeIpv6(
  octets: Uint8Array,
): Result<{ readonly header: Ipv6Header; readonly payload: Uint8Array }, Ipv6DecodeError> {
  if (octets.length < IPV6_HEADER_LENGTH) return err({ code: "ShortPacket", length: octets.length });
  const reader = new ByteReader(octets);
  const word = reader.u32();
  if (word >>> 28 !== 6) return err({ code: "BadVersion", version: word >>> 28 });
  const header: Ipv6Header = {
    trafficClass: (word >>> 20) & 0xff,
    flowLabel: word & 0xfffff,
    payloadLength: reader.u16(),
    nextHeader: reader.u8(),
    hopLimit: reader.u8(),
    source: ipv6FromOctets(reader.octets(16)),
    destination: ipv6FromOctets(reader.octets(16)),
  };
  const { payloadLength } = header;
  if (payloadLength > reader.remaining) return err({ code: "BadPayloadLength", payloadLength, left: reader.remaining });
  return ok({ header, payload: reader.octets(payloadLength) });
}

/** Writes a header and its payload; the payload length is the payload's own. RFC 8200 §3. */
export function encodeIpv6(header: Omit<Ipv6Header, "payloadLength">, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter(IPV6_HEADER_LENGTH + payload.length);
  writer.u32(0x6000_0000 | (header.trafficClass << 20) | header.flowLabel);
  writer.u16(payload.length);
  writer.u8(header.nextHeader);
  writer.u8(header.hopLimit);
  writer.octets(ipv6ToOctets(header.source));
  writer.octets(ipv6ToOctets(header.destination));
  writer.octets(payload);
  return writer.finish();
}
