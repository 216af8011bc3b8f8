import { type IpPrefix, type Ipv4Address, ipv4FromNumber, type Ipv6Address, ipv6FromOctets } from "@herald-lb/sansio";
import { u32At } from "./octet-fields.ts";

/** The IPv4 address in four octets at `at`. */
export function ipv4At(octets: Uint8Array, at: number): Ipv4Address {
  return ipv4FromNumber(u32At(octets, at));
}

/** Writes the four octets of an IPv4 address; the text of a prefix serves as well. Returns the position behind them. */
export function putIpv4(out: Uint8Array, at: number, address: Ipv4Address | IpPrefix): number {
  let part = 0;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === SLASH) break;
    if (code === DOT) {
      out[at++] = part;
      part = 0;
    } else part = part * 10 + code - ZERO;
  }
  out[at] = part;
  return at + 1;
}

/**
 * Writes the first `count` octets of an IPv6 address, sixteen when left out; the text of a prefix serves as well. Returns the
 * position behind them.
 */
export function putIpv6(out: Uint8Array, at: number, address: Ipv6Address | IpPrefix, count = 16): number {
  let written = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === SLASH) break;
    if (code === DOT) return putMapped(out, at, address, count);
    if (code !== COLON) {
      group = (group << 4) | (code < LETTERS ? code - ZERO : code - TEN);
      digits++;
      continue;
    }
    if (digits > 0) {
      block[written++] = group >>> 8;
      block[written++] = group;
    } else if (i > 0) gap = written;
    group = 0;
    digits = 0;
  }
  if (digits > 0) {
    block[written++] = group >>> 8;
    block[written++] = group;
  }
  const zeros = 16 - written;
  if (gap < 0) gap = written;
  for (let i = 0; i < count; i++) {
    out[at + i] = i < gap ? (block[i] as number) : i < gap + zeros ? 0 : (block[i - zeros] as number);
  }
  return at + count;
}

/** An IPv4-mapped address is written `::ffff:192.0.2.1`, RFC 5952 §5. */
function putMapped(out: Uint8Array, at: number, address: Ipv6Address | IpPrefix, count: number): number {
  block.fill(0, 0, 10).fill(0xff, 10, 12);
  putIpv4(block, 12, address.slice("::ffff:".length) as Ipv4Address);
  for (let i = 0; i < count; i++) out[at + i] = block[i] as number;
  return at + count;
}

/** The IPv4 block of `length` bits, 0 to 32, whose first octets are at `at`. Bits behind the length are masked off. */
export function ipv4PrefixAt(octets: Uint8Array, at: number, length: number): IpPrefix {
  const a = length > 0 ? (octets[at] as number) : 0;
  const b = length > 8 ? (octets[at + 1] as number) : 0;
  const c = length > 16 ? (octets[at + 2] as number) : 0;
  const d = length > 24 ? (octets[at + 3] as number) : 0;
  const value = ((a << 24) | (b << 16) | (c << 8) | d) & (length === 0 ? 0 : -1 << (32 - length));
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}/${length}` as IpPrefix;
}

/** The IPv6 block of `length` bits, 0 to 128, whose first octets are at `at`. Bits behind the length are masked off. */
export function ipv6PrefixAt(octets: Uint8Array, at: number, length: number): IpPrefix {
  const count = (length + 7) >>> 3;
  for (let i = 0; i < count; i++) block[i] = octets[at + i] as number;
  block.fill(0, count);
  const spare = count * 8 - length;
  if (spare > 0) block[count - 1] = (block[count - 1] as number) & (0xff << spare);
  return `${ipv6FromOctets(block)}/${length}` as IpPrefix;
}

const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
/** Below it are the digits 0 to 9, from it on a to f. */
const LETTERS = 0x40;
/** The code that an "a" would have if it stood for 0. */
const TEN = 0x57;

/** Written and read within one call: an allocation for every prefix costs as much as its text. */
const block: Uint8Array = new Uint8Array(16);
