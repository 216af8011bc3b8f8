import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** Only to Customer (OTC), RFC 9234 §5: the AS that sent the route down or sideways. */
export interface OnlyToCustomer extends AttributeBase {
  readonly type: "ONLY_TO_CUSTOMER";
  readonly autonomousSystem: number;
}

/** RFC 9234 §5. */
export const onlyToCustomer: AttributeCodec<OnlyToCustomer> = {
  code: 35,
  category: Category.OptionalTransitive,
  onMalformed: "treat-as-withdraw", // RFC 9234 §5
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) =>
    end - start === 4 ? { type: "ONLY_TO_CUSTOMER", autonomousSystem: u32At(octets, start) } : null,
  encode: ({ autonomousSystem }, out, at) => putU32(out, at, autonomousSystem),
};
