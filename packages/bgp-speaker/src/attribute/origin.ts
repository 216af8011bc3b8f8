import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** ORIGIN, RFC 4271 §5.1.1: where the route came from. */
export interface Origin extends AttributeBase {
  readonly type: "ORIGIN";
  readonly value: "IGP" | "EGP" | "INCOMPLETE";
}

const values: readonly Origin["value"][] = ["IGP", "EGP", "INCOMPLETE"];

/** RFC 4271 §4.3 a). */
export const origin: AttributeCodec<Origin> = {
  code: 1,
  category: Category.WellKnown,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.1
  malformed: "InvalidOriginAttribute",
  decode: (octets, start, end) => {
    if (end - start !== 1) return null;
    const value = values[octets[start] as number];
    return value === undefined ? null : { type: "ORIGIN", value };
  },
  encode: ({ value }, out, at) => {
    out[at] = values.indexOf(value);
    return at + 1;
  },
};
