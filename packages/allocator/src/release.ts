import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";

/** An address that a service gave back, and when. Cool-down, stickiness and the order of the least recently used go by it. */
export interface Release {
  readonly address: IpAddress;
  readonly service: ServiceKey;
  readonly at: Instant;
}
