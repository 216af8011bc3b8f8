import type { IpAddress } from "@herald-lb/sansio";
import type { Demand } from "./demand.ts";
import type { Holdings } from "./holdings.ts";
import type { PoolSet } from "./pool-set.ts";
import type { Refusal } from "./refusal.ts";
import { claimOf } from "./sharing.ts";

/** Why a service may not hold this very address; null when it may. */
export function whyNot(demand: Demand, address: IpAddress, pools: PoolSet, holdings: Holdings): Refusal | null {
  const pool = pools.poolOf(address);
  if (pool === null) return { code: "AddressOutsidePools", address };
  if (!demand.permitted.includes(pool)) return { code: "AddressNotPermitted", address, pool };
  if (pools.isAvoided(address)) return { code: "AddressAvoided", address, pool };
  const blocked = holdings.blocked(address, claimOf(demand));
  return blocked === null ? null : { code: "AddressTaken", address, ...blocked };
}
