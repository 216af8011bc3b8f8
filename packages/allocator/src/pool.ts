import type { AddressRange, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";

/** Addresses that a pool reserves for one service, whether the service exists or not. It gets them, before others, as soon as it asks. */
export interface Reservation {
  readonly service: ServiceKey;
  readonly addresses: readonly IpAddress[];
}

/**
 * The order in which a pool assigns its free addresses. `LowestFirst`: the lowest of the first range that has one. `LeastRecentlyUsed`:
 * the first that was never assigned; if there is none, the one that was released longest ago.
 */
export type AddressOrder = "LowestFirst" | "LeastRecentlyUsed";

/** A named set of addresses to assign. Its ranges may be of both families; the ranges of all pools together do not overlap. */
export interface Pool {
  readonly name: string;
  /** The ranges in the order written: the first that has a free address of the family serves. */
  readonly ranges: readonly AddressRange[];
  /** True to never assign IPv4 addresses whose last octet is 0 or 255, not even on request. */
  readonly avoidBuggyIPs: boolean;
  /** Addresses that are never assigned, not even on request; they may reach beyond the ranges. None if absent. */
  readonly excluded?: readonly AddressRange[];
  /** None if absent. */
  readonly reservations?: readonly Reservation[];
  /**
   * Addresses that hosts outside the allocator's knowledge use. No service is given one, not even on request. A service that holds one stays until another
   * is free for it, or for good where it requests addresses by name. None if absent.
   */
  readonly occupied?: readonly IpAddress[];
  /** `LowestFirst` if absent. */
  readonly order?: AddressOrder;
  /** The milliseconds for which no other service is given an address after its release. 0 if absent. */
  readonly coolDown?: number;
  /** True if a service that released its addresses and asks again gets the same ones while they are free. False if absent. */
  readonly sticky?: boolean;
  /** The number of addresses of the pool that the services of one account may hold together. No limit if absent. */
  readonly maxPerAccount?: number;
  /**
   * True if services of several accounts may share an address by their key alone. False if each must also list the account of the other
   * in `sharesWith`. True if absent.
   */
  readonly sharedAcrossAccounts?: boolean;
}
