import { ByteReader, err, type MacAddress, macFromOctets, macToOctets, ok, type Result } from "@herald-lb/sansio";

/** The numbers by which a frame names what it carries. RFC 9542 §B.1. */
export const EtherType = { Ipv4: 0x0800, Arp: 0x0806, Ipv6: 0x86dd } as const;

/** Octets of an untagged Ethernet header. */
export const ETHERNET_HEADER_LENGTH = 14;

/** An untagged Ethernet frame. `payload` may end in padding. */
export interface EthernetFrame {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  /** An `EtherType`, or below 0x0600 the length of an 802.3 frame. */
  readonly etherType: number;
  /** A view of what was decoded. */
  readonly payload: Uint8Array;
}

/** A frame shorter than its header. */
export interface EthernetDecodeError {
  readonly code: "ShortFrame";
  readonly length: number;
}

/** Reads a frame without its check sequence. Tags are not opened: they come out as the EtherType. RFC 894. */
export function decodeEthernet(octets: Uint8Array): Result<EthernetFrame, EthernetDecodeError> {
  if (octets.length < ETHERNET_HEADER_LENGTH) return err({ code: "ShortFrame", length: octets.length });
  const reader = new ByteReader(octets);
  return ok({
    destination: macFromOctets(reader.octets(6)),
    source: macFromOctets(reader.octets(6)),
    etherType: reader.u16(),
    payload: reader.rest(),
  });
}

/** Writes a frame without padding and check sequence; the interface adds both. */
export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  const octets = new Uint8Array(ETHERNET_HEADER_LENGTH + frame.payload.length);
  octets.set(macToOctets(frame.destination), 0);
  octets.set(macToOctets(frame.source), 6);
  octets[12] = frame.etherType >>> 8;
  octets[13] = frame.etherType;
  octets.set(frame.payload, ETHERNET_HEADER_LENGTH);
  return octets;
}

/** True for an address of a single station: neither a group nor all zeros. */
export function isUnicastHardwareAddress(address: MacAddress): boolean {
  return address !== "00:00:00:00:00:00" && (Number.parseInt(address.slice(0, 2), 16) & 1) === 0;
}
