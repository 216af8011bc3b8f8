import type { AttributeBase } from "./attribute-codec.ts";

/** ORIGIN, RFC 4271 §5.1.1: where the route came from. */
export interface Origin extends AttributeBase {
  readonly type: "ORIGIN";
  readonly value: "IGP" | "EGP" | "INCOMPLETE";
}
