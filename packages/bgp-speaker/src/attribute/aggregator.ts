import type { Ipv4Address } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { AS_TRANS } from "../iana.ts";
import { putU16, putU32, u16At, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** AGGREGATOR, RFC 4271 §5.1.7: who formed the aggregate. */
export interface Aggregator extends AttributeBase {
  readonly type: "AGGREGATOR";
  readonly autonomousSystem: number;
  readonly address: Ipv4Address;
}

/** RFC 4271 §4.3 g); the width of the AS number is the session's, RFC 6793 §4. */
export const aggregator: AttributeCodec<Aggregator> = {
  code: 7,
  category: Category.OptionalTransitive,
  onMalformed: "attribute-discard", // RFC 7606 §7.7, and RFC 7607 §2 for AS 0
  malformed: "OptionalAttributeError",
  decode: (octets, start, end, { fourOctetAs }) => {
    if (end - start !== (fourOctetAs ? 8 : 6)) return null;
    const autonomousSystem = fourOctetAs ? u32At(octets, start) : u16At(octets, start);
    return autonomousSystem === 0 ? null : { type: "AGGREGATOR", autonomousSystem, address: ipv4At(octets, end - 4) };
  },
  encode: ({ autonomousSystem, address }, out, at, { fourOctetAs }) =>
    putIpv4(
      out,
      fourOctetAs
        ? putU32(out, at, autonomousSystem)
        : putU16(out, at, autonomousSystem > 0xffff ? AS_TRANS : autonomousSystem),
      address,
    ),
};
