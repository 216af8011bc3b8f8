import {
  type ByteReader,
  type ByteWriter,
  type IpAddress,
  ipAddressFromOctets,
  type Ipv4Address,
  ipv4FromNumber,
  ipv4ToNumber,
  isIpv6,
  octetsOf,
} from "@herald-lb/sansio";

/** The Per-Peer Header of RFC 7854 §4.2, with the flag of RFC 8671 §4. */
export interface BmpPeer {
  /** 0 Global Instance, 1 RD Instance, 2 Local Instance, 3 Loc-RIB Instance (RFC 9069 §4.1); others are carried. */
  readonly peerType: number;
  /** True for an Adj-RIB-Out, false for an Adj-RIB-In: RFC 8671 §4. */
  readonly isAdjRibOut: boolean;
  /** True for routes after the policy. */
  readonly isPostPolicy: boolean;
  /** True where the AS numbers of AS_PATH have two octets. */
  readonly isTwoOctetAsPath: boolean;
  /** Zero but for RD and Local Instances. */
  readonly distinguisher: bigint;
  /** The address of the peer's end; 0.0.0.0 in a Loc-RIB Instance. */
  readonly address: IpAddress;
  readonly autonomousSystem: number;
  readonly bgpIdentifier: Ipv4Address;
  /** When the message was made: seconds since 1970, and microseconds. Zero where it is not known. */
  readonly seconds: number;
  readonly microseconds: number;
}

/** RFC 7854 §4.2 and RFC 8671 §4. */
const FLAG = { ipv6: 0x80, postPolicy: 0x40, twoOctetAsPath: 0x20, adjRibOut: 0x10 } as const;

/** RFC 9069 §4.1: here the uppermost flag says that the routes were filtered, which is not kept. */
const LOC_RIB = 3;

/** Reads a Per-Peer Header. Flags without a meaning are not kept. */
export function readPeer(reader: ByteReader): BmpPeer {
  const peerType = reader.u8();
  const flags = reader.u8();
  const distinguisher = reader.u64();
  const address = readAddress(reader, peerType !== LOC_RIB && (flags & FLAG.ipv6) !== 0);
  return {
    peerType,
    isAdjRibOut: (flags & FLAG.adjRibOut) !== 0,
    isPostPolicy: (flags & FLAG.postPolicy) !== 0,
    isTwoOctetAsPath: (flags & FLAG.twoOctetAsPath) !== 0,
    distinguisher,
    address,
    autonomousSystem: reader.u32(),
    bgpIdentifier: ipv4FromNumber(reader.u32()),
    seconds: reader.u32(),
    microseconds: reader.u32(),
  };
}

/** Writes a Per-Peer Header. */
export function writePeer(writer: ByteWriter, peer: BmpPeer): void {
  writer.u8(peer.peerType);
  writer.u8(
    (isIpv6(peer.address) ? FLAG.ipv6 : 0) |
      (peer.isPostPolicy ? FLAG.postPolicy : 0) |
      (peer.isTwoOctetAsPath ? FLAG.twoOctetAsPath : 0) |
      (peer.isAdjRibOut ? FLAG.adjRibOut : 0),
  );
  writer.u64(peer.distinguisher);
  writeAddress(writer, peer.address);
  writer.u32(peer.autonomousSystem);
  writer.u32(ipv4ToNumber(peer.bgpIdentifier));
  writer.u32(peer.seconds);
  writer.u32(peer.microseconds);
}

/** Reads an address of 16 octets, of which an IPv4 address is the last four. */
export function readAddress(reader: ByteReader, ipv6: boolean): IpAddress {
  const octets = reader.octets(16);
  return ipAddressFromOctets(ipv6 ? octets : octets.subarray(12));
}

/** Writes an address in 16 octets. */
export function writeAddress(writer: ByteWriter, address: IpAddress): void {
  const octets = octetsOf(address);
  writer.octets(new Uint8Array(16 - octets.length));
  writer.octets(octets);
}
