import type { Ipv4Address } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** AS4_AGGREGATOR, RFC 6793 §3: AGGREGATOR with four octets, through speakers that know only two. */
export interface As4Aggregator extends AttributeBase {
  readonly type: "AS4_AGGREGATOR";
  readonly autonomousSystem: number;
  readonly address: Ipv4Address;
}

/** RFC 6793 §3. */
export const as4Aggregator: AttributeCodec<As4Aggregator> = {
  code: 18,
  category: Category.OptionalTransitive,
  onMalformed: "attribute-discard", // RFC 6793 §6, and RFC 7607 §2 for AS 0
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (end - start !== 8) return null;
    const autonomousSystem = u32At(octets, start);
    return autonomousSystem === 0
      ? null
      : { type: "AS4_AGGREGATOR", autonomousSystem, address: ipv4At(octets, start + 4) };
  },
  encode: ({ autonomousSystem, address }, out, at) => putIpv4(out, putU32(out, at, autonomousSystem), address),
};
