import type { Ipv4Address } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** ORIGINATOR_ID, RFC 4456 §8: the BGP Identifier of the route's originator in this AS. */
export interface OriginatorId extends AttributeBase {
  readonly type: "ORIGINATOR_ID";
  readonly bgpIdentifier: Ipv4Address;
}

/** RFC 4456 §8. */
export const originatorId: AttributeCodec<OriginatorId> = {
  code: 9,
  category: Category.OptionalNonTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.9
  onMalformedFromExternal: "attribute-discard",
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) =>
    end - start === 4 ? { type: "ORIGINATOR_ID", bgpIdentifier: ipv4At(octets, start) } : null,
  encode: ({ bgpIdentifier }, out, at) => putIpv4(out, at, bgpIdentifier),
};
