import type { Ipv4Address } from "@herald-lb/sansio";
import type { AttributeBase } from "./attribute-codec.ts";

/** AGGREGATOR, RFC 4271 §5.1.7: who formed the aggregate. */
export interface Aggregator extends AttributeBase {
  readonly type: "AGGREGATOR";
  readonly autonomousSystem: number;
  readonly address: Ipv4Address;
}

/** AS4_AGGREGATOR, RFC 6793 §3: the same with four octets, through speakers that know only two. */
export interface As4Aggregator extends AttributeBase {
  readonly type: "AS4_AGGREGATOR";
  readonly autonomousSystem: number;
  readonly address: Ipv4Address;
}
