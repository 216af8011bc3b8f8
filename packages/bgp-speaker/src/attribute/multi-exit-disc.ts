import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** MULTI_EXIT_DISC, RFC 4271 §5.1.4: the lower is preferred; an unsigned integer of 32 bits. */
export interface MultiExitDisc extends AttributeBase {
  readonly type: "MULTI_EXIT_DISC";
  readonly value: number;
}

/** RFC 4271 §4.3 d). */
export const multiExitDisc: AttributeCodec<MultiExitDisc> = {
  code: 4,
  category: Category.OptionalNonTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.4
  malformed: "AttributeLengthError",
  decode: (octets, start, end) => (end - start === 4 ? { type: "MULTI_EXIT_DISC", value: u32At(octets, start) } : null),
  encode: ({ value }, out, at) => putU32(out, at, value),
};
