import {
  ByteReader,
  ByteWriter,
  err,
  type Ipv4Address,
  ipv4FromOctets,
  ipv4ToOctets,
  type MacAddress,
  macFromOctets,
  macToOctets,
  ok,
  type Result,
} from "@herald-lb/sansio";

/** The operations that matter here; others are carried as they are. RFC 826 "Packet format". */
export const Operation = { Request: 1, Reply: 2 } as const;

/** Octets of an ARP packet for IPv4 over Ethernet. */
export const ARP_LENGTH = 28;

/** An ARP packet for IPv4 over Ethernet. RFC 826 "Packet format". */
export interface ArpPacket {
  /** An `Operation`, or another number of 16 bits. */
  readonly operation: number;
  readonly senderHardwareAddress: MacAddress;
  readonly senderProtocolAddress: Ipv4Address;
  readonly targetHardwareAddress: MacAddress;
  readonly targetProtocolAddress: Ipv4Address;
}

/** Why octets are no ARP packet for IPv4 over Ethernet. */
export type ArpDecodeError =
  | { readonly code: "ShortPacket"; readonly length: number }
  | { readonly code: "BadHardwareType"; readonly hardwareType: number }
  | { readonly code: "BadProtocolType"; readonly protocolType: number }
  | { readonly code: "BadAddressLength"; readonly hardwareLength: number; readonly protocolLength: number };

const ETHERNET = 1;
const IPV4 = 0x0800;

/** Reads an ARP packet; octets after it are an Ethernet frame's padding and are passed over. RFC 826 "Packet Reception". */
export function decodeArp(octets: Uint8Array): Result<ArpPacket, ArpDecodeError> {
  if (octets.length < ARP_LENGTH) return err({ code: "ShortPacket", length: octets.length });
  const reader = new ByteReader(octets);
  const hardwareType = reader.u16();
  if (hardwareType !== ETHERNET) return err({ code: "BadHardwareType", hardwareType });
  const protocolType = reader.u16();
  if (protocolType !== IPV4) return err({ code: "BadProtocolType", protocolType });
  const hardwareLength = reader.u8();
  const protocolLength = reader.u8();
  if (hardwareLength !== 6 || protocolLength !== 4) {
    return err({ code: "BadAddressLength", hardwareLength, protocolLength });
  }
  return ok({
    operation: reader.u16(),
    senderHardwareAddress: macFromOctets(reader.octets(6)),
    senderProtocolAddress: ipv4FromOctets(reader.octets(4)),
    targetHardwareAddress: macFromOctets(reader.octets(6)),
    targetProtocolAddress: ipv4FromOctets(reader.octets(4)),
  });
}

/** Writes an ARP packet, without padding. RFC 826 "Packet Generation". */
export function encodeArp(packet: ArpPacket): Uint8Array {
  const writer = new ByteWriter(ARP_LENGTH);
  writer.u16(ETHERNET);
  writer.u16(IPV4);
  writer.u8(6);
  writer.u8(4);
  writer.u16(packet.operation);
  writer.octets(macToOctets(packet.senderHardwareAddress));
  writer.octets(ipv4ToOctets(packet.senderProtocolAddress));
  writer.octets(macToOctets(packet.targetHardwareAddress));
  writer.octets(ipv4ToOctets(packet.targetProtocolAddress));
  return writer.finish();
}
