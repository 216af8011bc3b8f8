import type { Ipv4Address } from "@herald-lb/sansio";
import type { AttributeBase } from "./attribute-codec.ts";

/** NEXT_HOP, RFC 4271 §5.1.3: of the NLRI in the body of the UPDATE. */
export interface NextHop extends AttributeBase {
  readonly type: "NEXT_HOP";
  readonly address: Ipv4Address;
}
