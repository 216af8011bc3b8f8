import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";

/** An address that was given back: by whom and when. What cool-down, stickiness and the least recently used order go by. */
export interface Parting {
  readonly address: IpAddress;
  readonly service: ServiceKey;
  readonly at: Instant;
}
