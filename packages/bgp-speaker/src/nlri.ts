import { type IpPrefix, prefixFamily } from "@herald-lb/sansio";
import { ipv4PrefixAt, ipv6PrefixAt, putIpv4, putIpv6 } from "./address-octets.ts";
import type { CodecContext } from "./codec-context.ts";
import { type Family, includesFamily, IPV4_UNICAST, IPV6_UNICAST } from "./family.ts";
import { putU32, u32At } from "./octet-fields.ts";

/** Network Layer Reachability Information of RFC 4271 §4.3, in IPv4 or IPv6 unicast: one destination. */
export interface Nlri {
  readonly prefix: IpPrefix;
  /** RFC 7911 §3: present exactly where the context has ADD-PATH for the family. */
  readonly pathId?: number;
}

/** The unicast family of AFI and SAFI, or null for any other. */
export function unicastFamily(afi: number, safi: number): Family | null {
  if (safi !== 1) return null;
  return afi === 1 ? IPV4_UNICAST : afi === 2 ? IPV6_UNICAST : null;
}

/** The unicast family a prefix belongs to. */
export function familyOfPrefix(prefix: IpPrefix): Family {
  return prefixFamily(prefix) === "IPv4" ? IPV4_UNICAST : IPV6_UNICAST;
}

/**
 * Reads the NLRI of a unicast family from `start` up to `end`, or null when one is longer than its family allows or cut
 * short (RFC 7606 §5.3). RFC 4271 §4.3: "the value of trailing bits is irrelevant", so they are masked off.
 */
export function decodeNlri(
  octets: Uint8Array,
  start: number,
  end: number,
  family: Family,
  context: CodecContext,
): Nlri[] | null {
  const nlri: Nlri[] = [];
  const ipv4 = family.afi === 1;
  const bits = ipv4 ? 32 : 128;
  const addPath = hasAddPath(context, family);
  let at = start;
  while (at < end) {
    let pathId = 0;
    if (addPath) {
      if (at + 5 > end) return null;
      pathId = u32At(octets, at);
      at += 4;
    }
    const length = octets[at++] as number;
    const next = at + ((length + 7) >>> 3);
    if (length > bits || next > end) return null;
    const prefix = ipv4 ? ipv4PrefixAt(octets, at, length) : ipv6PrefixAt(octets, at, length);
    nlri.push(addPath ? { prefix, pathId } : { prefix });
    at = next;
  }
  return nlri;
}

/** Writes NLRI at `at`, returns the position behind them. With ADD-PATH a missing Path Identifier is written as 0. */
export function encodeNlri(
  nlri: readonly Nlri[],
  out: Uint8Array,
  at: number,
  family: Family,
  context: CodecContext,
): number {
  const addPath = hasAddPath(context, family);
  const ipv4 = family.afi === 1;
  for (let i = 0; i < nlri.length; i++) {
    const each = nlri[i] as Nlri;
    if (addPath) at = putU32(out, at, each.pathId ?? 0);
    at = ipv4 ? putIpv4Prefix(out, at, each.prefix) : putIpv6Prefix(out, at, each.prefix);
  }
  return at;
}

/** The number of octets that `nlri` takes in a message of this context. */
export function encodedNlriLength({ prefix }: Nlri, context: CodecContext): number {
  return prefixOctets(prefix, context);
}

/** The number of octets that a prefix takes as NLRI in a message of this context. */
export function prefixOctets(prefix: IpPrefix, context: CodecContext): number {
  const octets = 1 + ((prefixLength(prefix) + 7) >>> 3);
  if (context.addPath === undefined || context.addPath.length === 0) return octets;
  return hasAddPath(context, familyOfPrefix(prefix)) ? octets + 4 : octets;
}

function hasAddPath({ addPath }: CodecContext, family: Family): boolean {
  return addPath !== undefined && includesFamily(addPath, family);
}

/** The digits behind the slash, from the end: faster than the foundation's own, which cuts the text. */
function prefixLength(prefix: IpPrefix): number {
  let length = 0;
  let unit = 1;
  for (let i = prefix.length - 1; ; i--) {
    const digit = prefix.charCodeAt(i) - 0x30;
    if (digit < 0) return length;
    length += digit * unit;
    unit *= 10;
  }
}

function putIpv4Prefix(out: Uint8Array, at: number, prefix: IpPrefix): number {
  const length = prefixLength(prefix);
  out[at] = length;
  // The host bits of an `IpPrefix` are zero, so what is written behind the prefix is zero and overwritten by what follows.
  putIpv4(out, at + 1, prefix);
  return at + 1 + ((length + 7) >>> 3);
}

function putIpv6Prefix(out: Uint8Array, at: number, prefix: IpPrefix): number {
  const length = prefixLength(prefix);
  out[at] = length;
  return putIpv6(out, at + 1, prefix, (length + 7) >>> 3);
}
