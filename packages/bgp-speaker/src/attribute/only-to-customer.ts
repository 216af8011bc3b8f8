import type { AttributeBase } from "./attribute-codec.ts";

/** Only to Customer (OTC), RFC 9234 §5: the AS that sent the route down or sideways. */
export interface OnlyToCustomer extends AttributeBase {
  readonly type: "ONLY_TO_CUSTOMER";
  readonly autonomousSystem: number;
}
