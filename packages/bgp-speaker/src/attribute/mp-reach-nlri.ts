import { type IpAddress, type Ipv6Address, ipv6FromOctets, isIpv6 } from "@herald-lb/sansio";
import { ipv4At, putIpv4, putIpv6 } from "../address-octets.ts";
import { type Family, includesFamily } from "../family.ts";
import { decodeNlri, encodeNlri, type Nlri, unicastFamily } from "../nlri.ts";
import { putOctets, putU16, u16At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** MP_REACH_NLRI, RFC 4760 §3, of IPv4 or IPv6 unicast. */
export interface MpReachNlri extends AttributeBase {
  readonly type: "MP_REACH_NLRI";
  readonly family: Family;
  /** IPv6 also for IPv4 NLRI where RFC 8950 §3 was negotiated. */
  readonly nextHop: IpAddress;
  /** RFC 2545 §3: the second half of a next hop of 32 octets; beside an IPv6 next hop only. */
  readonly linkLocalNextHop?: Ipv6Address;
  readonly nlri: readonly Nlri[];
}

/** MP_REACH_NLRI of a family that the context does not have, or that is not unicast: tell it by `"opaque" in attribute`. */
export interface MpReachOpaque extends AttributeBase {
  readonly type: "MP_REACH_NLRI";
  readonly family: Family;
  /** Everything behind the SAFI; from a decoder a view of the frame. */
  readonly opaque: Uint8Array;
}

/** RFC 4760 §3. The Reserved octet is ignored and written as 0. */
export const mpReachNlri: AttributeCodec<MpReachNlri | MpReachOpaque> = {
  code: 14,
  category: Category.OptionalNonTransitive,
  onMalformed: "session-reset", // RFC 7606 §7.11
  malformed: "OptionalAttributeError",
  decode: (octets, start, end, context) => {
    if (end - start < 5) return null;
    const afi = u16At(octets, start);
    const safi = octets[start + 2] as number;
    const family = unicastFamily(afi, safi);
    if (family === null || !includesFamily(context.families, family)) {
      return { type: "MP_REACH_NLRI", family: { afi, safi }, opaque: octets.subarray(start + 3, end) };
    }
    const length = octets[start + 3] as number;
    const at = start + 4;
    if (!(length === 16 || length === 32 || (length === 4 && afi === 1)) || at + length + 1 > end) return null;
    const nlri = decodeNlri(octets, at + length + 1, end, family, context);
    if (nlri === null) return null;
    const nextHop = length === 4 ? ipv4At(octets, at) : ipv6FromOctets(octets, at);
    if (length < 32) return { type: "MP_REACH_NLRI", family, nextHop, nlri };
    return { type: "MP_REACH_NLRI", family, nextHop, linkLocalNextHop: ipv6FromOctets(octets, at + 16), nlri };
  },
  encode: (attribute, out, at, context) => {
    at = putU16(out, at, attribute.family.afi);
    out[at++] = attribute.family.safi;
    if ("opaque" in attribute) return putOctets(out, at, attribute.opaque);
    const { family, nextHop, linkLocalNextHop, nlri } = attribute;
    const lengthAt = at++;
    at = isIpv6(nextHop) ? putIpv6(out, at, nextHop) : putIpv4(out, at, nextHop);
    if (linkLocalNextHop !== undefined) at = putIpv6(out, at, linkLocalNextHop);
    out[lengthAt] = at - lengthAt - 1;
    out[at++] = 0;
    return encodeNlri(nlri, out, at, family, context);
  },
};
