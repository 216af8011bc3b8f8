import { type Family, includesFamily } from "../family.ts";
import { decodeNlri, encodeNlri, type Nlri, unicastFamily } from "../nlri.ts";
import { putOctets, putU16, u16At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** MP_UNREACH_NLRI, RFC 4760 §4, of IPv4 or IPv6 unicast. */
export interface MpUnreachNlri extends AttributeBase {
  readonly type: "MP_UNREACH_NLRI";
  readonly family: Family;
  readonly withdrawnRoutes: readonly Nlri[];
}

/** MP_UNREACH_NLRI of a family that the context does not have, or that is not unicast: tell it by `"opaque" in attribute`. */
export interface MpUnreachOpaque extends AttributeBase {
  readonly type: "MP_UNREACH_NLRI";
  readonly family: Family;
  /** Everything behind the SAFI; from a decoder a view of the frame. */
  readonly opaque: Uint8Array;
}

/** RFC 4760 §4. */
export const mpUnreachNlri: AttributeCodec<MpUnreachNlri | MpUnreachOpaque> = {
  code: 15,
  category: Category.OptionalNonTransitive,
  onMalformed: "session-reset", // RFC 7606 §7.12
  malformed: "OptionalAttributeError",
  decode: (octets, start, end, context) => {
    if (end - start < 3) return null;
    const afi = u16At(octets, start);
    const safi = octets[start + 2] as number;
    const family = unicastFamily(afi, safi);
    if (family === null || !includesFamily(context.families, family)) {
      return { type: "MP_UNREACH_NLRI", family: { afi, safi }, opaque: octets.subarray(start + 3, end) };
    }
    const withdrawnRoutes = decodeNlri(octets, start + 3, end, family, context);
    return withdrawnRoutes === null ? null : { type: "MP_UNREACH_NLRI", family, withdrawnRoutes };
  },
  encode: (attribute, out, at, context) => {
    at = putU16(out, at, attribute.family.afi);
    out[at++] = attribute.family.safi;
    if ("opaque" in attribute) return putOctets(out, at, attribute.opaque);
    return encodeNlri(attribute.withdrawnRoutes, out, at, attribute.family, context);
  },
};
