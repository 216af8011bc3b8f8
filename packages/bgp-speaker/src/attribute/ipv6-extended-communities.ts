import { type Ipv6Address, ipv6FromOctets } from "@herald-lb/sansio";
import { putIpv6 } from "../address-octets.ts";
import { putU16, u16At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** One IPv6 Address Specific Extended Community, RFC 5701 §2. */
export interface Ipv6ExtendedCommunity {
  /** 0x00 transitive, 0x40 non-transitive; others are carried. */
  readonly type: number;
  /** 2 Route Target, 3 Route Origin; others are carried. */
  readonly subtype: number;
  /** Global Administrator. */
  readonly address: Ipv6Address;
  /** 0 to 65535. */
  readonly localAdministrator: number;
}

/** IPv6 Address Specific Extended Communities, RFC 5701 §2. */
export interface Ipv6ExtendedCommunities extends AttributeBase {
  readonly type: "IPV6_EXTENDED_COMMUNITIES";
  readonly communities: readonly Ipv6ExtendedCommunity[];
}

/** Octets of one community. */
const LENGTH = 20;

/** RFC 5701 §2. */
export const ipv6ExtendedCommunities: AttributeCodec<Ipv6ExtendedCommunities> = {
  code: 25,
  category: Category.OptionalTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.15
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (start === end || (end - start) % LENGTH !== 0) return null;
    const communities: Ipv6ExtendedCommunity[] = [];
    for (let at = start; at < end; at += LENGTH) {
      communities.push({
        type: octets[at] as number,
        subtype: octets[at + 1] as number,
        address: ipv6FromOctets(octets, at + 2),
        localAdministrator: u16At(octets, at + 18),
      });
    }
    return { type: "IPV6_EXTENDED_COMMUNITIES", communities };
  },
  encode: ({ communities }, out, at) => {
    for (const { type, subtype, address, localAdministrator } of communities) {
      out[at] = type;
      out[at + 1] = subtype;
      at = putU16(out, putIpv6(out, at + 2, address), localAdministrator);
    }
    return at;
  },
};
