import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** COMMUNITIES, RFC 1997: each an unsigned integer of 32 bits, the AS number in the upper half. */
export interface Communities extends AttributeBase {
  readonly type: "COMMUNITIES";
  readonly communities: readonly number[];
}

/** RFC 1997. */
export const communities: AttributeCodec<Communities> = {
  code: 8,
  category: Category.OptionalTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.8
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (start === end || (end - start) % 4 !== 0) return null;
    const values: number[] = [];
    for (let at = start; at < end; at += 4) values.push(u32At(octets, at));
    return { type: "COMMUNITIES", communities: values };
  },
  encode: (attribute, out, at) => {
    const values = attribute.communities;
    for (let i = 0; i < values.length; i++) at = putU32(out, at, values[i] as number);
    return at;
  },
};
