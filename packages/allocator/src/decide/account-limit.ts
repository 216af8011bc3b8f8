import type { Demand } from "../demand.ts";
import { accountHolds } from "../state/account-usage.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { HeldSlot } from "../state/pool-family.ts";

/** The number of addresses that an account may still be given of a pool, and the limit that says so. */
export interface AccountLimit {
  remaining: number;
  readonly limit: number;
  /** True if it is the limit of all pools together, false if it is the limit of the pool. */
  readonly isTotal: boolean;
}

/** The limit of an account while no pool and no quota limits any. */
export const unlimited: AccountLimit = {
  remaining: Number.POSITIVE_INFINITY,
  limit: Number.POSITIVE_INFINITY,
  isTotal: true,
};

/**
 * The limit of a demand's account in a pool: the smaller of the pool's and the quota's. No limit takes an address away from the account,
 * and a service that gives up as many addresses as it gets may always do so. `charged` addresses are chosen already.
 */
export function accountLimit(
  { holdings: { accountUsage }, quotas, pools }: AllocatorState,
  { account = "", service }: Demand,
  pool: string,
  givesUp: readonly HeldSlot[],
  charged: number,
): AccountLimit {
  if (accountUsage === null) return unlimited;
  const quota = quotas.get(account) ?? Number.POSITIVE_INFINITY;
  const poolLimit = pools.pool(pool)?.maxPerAccount ?? Number.POSITIVE_INFINITY;
  const freed = givesUp.filter((slot) => !accountHolds(account, slot, service));
  const freedInPool = freed.filter(({ poolFamily }) => poolFamily?.pool.name === pool);
  const ofAll = Math.max(quota - accountUsage.of(account, null), 0) + freed.length;
  const ofPool = Math.max(poolLimit - accountUsage.of(account, pool), 0) + freedInPool.length;
  return ofAll <= ofPool
    ? { remaining: ofAll - charged, limit: quota, isTotal: true }
    : { remaining: ofPool - charged, limit: poolLimit, isTotal: false };
}
