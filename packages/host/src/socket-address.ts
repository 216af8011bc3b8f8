import { familyOf, type IpAddress, type IpFamily, ipAddressFromOctets, octetsOf } from "@herald-lb/sansio";
import { AF } from "./linux-constants.ts";

/** An address with its port; `scopeId` is the interface's index for a link-local IPv6 address, else 0. */
export interface SocketAddress {
  readonly address: IpAddress;
  readonly port: number;
  readonly scopeId: number;
}

/** Octets that hold the socket address of either family. */
export const SOCKET_ADDRESS_MAX = 28;

/** The number the kernel gives a family. */
export function familyNumber(family: IpFamily): number {
  return family === "IPv4" ? AF.INET : AF.INET6;
}

/** A `struct sockaddr_in` or `sockaddr_in6`. Family and scope are in the machine's order, which is little-endian on every machine that Herald runs on. */
export function encodeSocketAddress({ address, port, scopeId }: SocketAddress): Buffer {
  const family = familyOf(address);
  const octets = Buffer.alloc(family === "IPv4" ? 16 : 28);
  octets.writeUInt16LE(familyNumber(family), 0);
  octets.writeUInt16BE(port, 2);
  octets.set(octetsOf(address), family === "IPv4" ? 4 : 8);
  if (family === "IPv6") octets.writeUInt32LE(scopeId, 24);
  return octets;
}

/** Reads a `struct sockaddr_in` or `sockaddr_in6`; null for another family or too few octets. */
export function decodeSocketAddress(octets: Buffer): SocketAddress | null {
  if (octets.length < 2) return null;
  const family = octets.readUInt16LE(0);
  if (family === AF.INET && octets.length >= 16)
    return { address: ipAddressFromOctets(octets.subarray(4, 8)), port: octets.readUInt16BE(2), scopeId: 0 };
  if (family === AF.INET6 && octets.length >= 28)
    return {
      address: ipAddressFromOctets(octets.subarray(8, 24)),
      port: octets.readUInt16BE(2),
      scopeId: octets.readUInt32LE(24),
    };
  return null;
}

/** A `struct sockaddr_ll` to bind a packet socket: one protocol on one interface. */
export function encodeLinkAddress(etherType: number, interfaceIndex: number): Buffer {
  const octets = Buffer.alloc(20);
  octets.writeUInt16LE(AF.PACKET, 0);
  octets.writeUInt16BE(etherType, 2);
  octets.writeInt32LE(interfaceIndex, 4);
  return octets;
}
