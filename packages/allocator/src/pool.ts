import type { AddressRange, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";

/** Addresses that are kept for one service, whether it exists or not. It is given them, in place of others, as soon as it asks. */
export interface Reservation {
  readonly service: ServiceKey;
  readonly addresses: readonly IpAddress[];
}

/**
 * Which of a pool's free addresses is given. `LowestFirst`: the lowest of the first range that has one. `LeastRecentlyUsed`: of those
 * never given the first, and when there are none, the one that was given back longest ago.
 */
export type AddressOrder = "LowestFirst" | "LeastRecentlyUsed";

/** A named set of addresses to give out. Its ranges may be of both families; ranges of all pools together do not overlap. */
export interface Pool {
  readonly name: string;
  /** In the order written: the first range with a free address of the family serves. */
  readonly ranges: readonly AddressRange[];
  /** IPv4 addresses whose last octet is 0 or 255 are never given, not even on request. */
  readonly avoidBuggyIPs: boolean;
  /** Addresses that are never given, not even on request; they may reach beyond the ranges. None where absent. */
  readonly excluded?: readonly AddressRange[];
  /** None where absent. */
  readonly reservations?: readonly Reservation[];
  /** `LowestFirst` where absent. */
  readonly order?: AddressOrder;
  /** For how many milliseconds an address that was given back goes to nobody but the service that had it; 0 where absent. */
  readonly coolDown?: number;
  /** Whether a service that gave its addresses back and asks again gets the same ones while they are free; no where absent. */
  readonly sticky?: boolean;
  /** How many addresses of the pool the services of one account may hold together; as many as they like where absent. */
  readonly maxPerAccount?: number;
  /** Whether services of several accounts may share an address by their key alone; yes where absent. Without it each must name the other. */
  readonly sharedAcrossAccounts?: boolean;
}
