import { putU64, u64At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** EXTENDED_COMMUNITIES, RFC 4360 §2: each an unsigned integer of 64 bits, the Type in the uppermost octets. `extendedCommunityOf` reads one. */
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
    for (let at = start; at < end; at += 8) values.push(u64At(octets, at));
    return { type: "EXTENDED_COMMUNITIES", communities: values };
  },
  encode: (attribute, out, at) => {
    for (const community of attribute.communities) at = putU64(out, at, community);
    return at;
  },
};
