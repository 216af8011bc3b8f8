import type { AttributeBase } from "./attribute-codec.ts";

/** COMMUNITIES, RFC 1997: each an unsigned integer of 32 bits, see `formatCommunity`. */
export interface Communities extends AttributeBase {
  readonly type: "COMMUNITIES";
  readonly communities: readonly number[];
}
