import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** LOCAL_PREF, RFC 4271 §5.1.5: the higher is preferred, among internal peers; an unsigned integer of 32 bits. */
export interface LocalPref extends AttributeBase {
  readonly type: "LOCAL_PREF";
  readonly value: number;
}

/** RFC 4271 §4.3 e). */
export const localPref: AttributeCodec<LocalPref> = {
  code: 5,
  category: Category.WellKnown,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.5
  onMalformedFromExternal: "attribute-discard",
  malformed: "AttributeLengthError",
  decode: (octets, start, end) => (end - start === 4 ? { type: "LOCAL_PREF", value: u32At(octets, start) } : null),
  encode: ({ value }, out, at) => putU32(out, at, value),
};
