import type { Ipv4Address } from "@herald-lb/sansio";
import type { AttributeBase } from "./attribute-codec.ts";

/** ORIGINATOR_ID, RFC 4456 §8: the BGP Identifier of the route's originator in this AS. */
export interface OriginatorId extends AttributeBase {
  readonly type: "ORIGINATOR_ID";
  readonly bgpIdentifier: Ipv4Address;
}
