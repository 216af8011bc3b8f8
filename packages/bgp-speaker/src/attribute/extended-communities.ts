import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** EXTENDED_COMMUNITIES, RFC 4360 §2: each an unsigned integer of 64 bits, the Type in the uppermost octets. */
export interface ExtendedCommunities extends AttributeBase {
  readonly type: "EXTENDED_COMMUNITIES";
  readonly communities: readonly bigint[];
}

/** RFC 4360 §2. */
export const extendedCommunities: AttributeCodec<ExtendedCommunities> = {
  code: 16,
  category: Category.OptionalTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.14
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (start === end || (end - start) % 8 !== 0) return null;
    const values: bigint[] = [];
    for (let at = start; at < end; at += 8) {
      values.push((BigInt(u32At(octets, at)) << 32n) | BigInt(u32At(octets, at + 4)));
    }
    return { type: "EXTENDED_COMMUNITIES", communities: values };
  },
  encode: (attribute, out, at) => {
    for (const community of attribute.communities) {
      at = putU32(out, at, Number((community >> 32n) & 0xffff_ffffn));
      at = putU32(out, at, Number(community & 0xffff_ffffn));
    }
    return at;
  },
};
