import ipaddr from "ipaddr.js";
import { type Ipv4Address, ipv4FromNumber, ipv4FromOctets, ipv4ToNumber, ipv4ToOctets } from "./ipv4-address.ts";
import { type Ipv6Address, ipv6FromOctets, ipv6ToOctets } from "./ipv6-address.ts";
import { err, ok, type Result } from "./result.ts";

/** An address of either family as canonical text: compare with `===`, use as a key, print as it is. */
export type IpAddress = Ipv4Address | Ipv6Address;

/** The two families. */
export type IpFamily = "IPv4" | "IPv6";

/** Why a text is not an address, a prefix or a range. */
export interface AddressError {
  readonly code: "NotAnAddress" | "NotAPrefix" | "PrefixLengthOutOfRange";
  readonly text: string;
}

/**
 * Reads an address strictly: IPv4 as four decimal parts without leading zeros (`0x7f.1` and octal are refused), IPv6 as
 * RFC 4291 §2.2 without a zone. The result is canonical.
 */
export function parseIpAddress(text: string): Result<IpAddress, AddressError> {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) && !/(?:^|\.)0\d/.test(text)) return ok(text as Ipv4Address);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text))
    return err({ code: "NotAnAddress", text });
  return ok(ipv6FromOctets(Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray())));
}

/** The family of an address. */
export function familyOf(address: IpAddress): IpFamily {
  return isIpv6(address) ? "IPv6" : "IPv4";
}

/** True for an IPv6 address. */
export function isIpv6(address: IpAddress): address is Ipv6Address {
  return address.includes(":");
}

/** The four or sixteen octets of an address. */
export function octetsOf(address: IpAddress): Uint8Array {
  return isIpv6(address) ? ipv6ToOctets(address) : ipv4ToOctets(address);
}

/** The address in exactly four or sixteen octets; any other length is a bug of the caller and throws. */
export function ipAddressFromOctets(octets: Uint8Array): IpAddress {
  if (octets.length === 4) return ipv4FromOctets(octets);
  if (octets.length === 16) return ipv6FromOctets(octets);
  throw new Error(`an address has 4 or 16 octets, not ${octets.length}`);
}

/** Orders addresses: IPv4 before IPv6, then by value. */
export function compareIpAddresses(a: IpAddress, b: IpAddress): number {
  if (a === b) return 0;
  if (isIpv6(a) !== isIpv6(b)) return isIpv6(a) ? 1 : -1;
  const left = octetsOf(a);
  const right = octetsOf(b);
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The address as an unsigned integer of 32 or 128 bits. */
export function ipAddressToBigInt(address: IpAddress): bigint {
  if (!isIpv6(address)) return BigInt(ipv4ToNumber(address));
  const view = new DataView(ipv6ToOctets(address).buffer);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/** The address of `family` whose bits are `value`; a value outside the family's width is a bug of the caller and throws. */
export function ipAddressFromBigInt(family: IpFamily, value: bigint): IpAddress {
  if (value < 0n || value >> (family === "IPv4" ? 32n : 128n) !== 0n)
    throw new Error(`${value} is no ${family} address`);
  if (family === "IPv4") return ipv4FromNumber(Number(value));
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, value & 0xffff_ffff_ffff_ffffn);
  return ipv6FromOctets(new Uint8Array(view.buffer));
}

/** True for a link-local address: 169.254.0.0/16 (RFC 3927 §2.1) or fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: IpAddress): boolean {
  return isIpv6(address) ? /^fe[89ab]/.test(address) : address.startsWith("169.254.");
}

/** True for a multicast address: 224.0.0.0/4 (RFC 5771 §2) or ff00::/8 (RFC 4291 §2.7). */
export function isMulticast(address: IpAddress): boolean {
  if (isIpv6(address)) return /^ff[0-9a-f]{2}:/.test(address);
  return ipv4ToNumber(address) >>> 28 === 0xe;
}
