import type { IpFamily } from "@herald-lb/sansio";
import type { AccountKey } from "../demand.ts";
import type { PoolRefusal } from "../refusal.ts";
import type { AllocatorState } from "../state/allocator-state.ts";

/** A resource that comes in units: free addresses of a pool, or the quota of an account (of all pools together if `pool` is null). */
export type WaitedResource =
  | { readonly type: "Addresses"; readonly pool: string; readonly family: IpFamily }
  | { readonly type: "Quota"; readonly account: AccountKey; readonly pool: string | null };

/** The text that identifies a resource. */
export function resourceKey(resource: WaitedResource): string {
  if (resource.type === "Addresses") return `${resource.family} ${resource.pool}`;
  return JSON.stringify([resource.account, resource.pool]);
}

/** The resources that a pool's refusal was short of. */
export function resourcesOf(refusal: PoolRefusal, state: AllocatorState): readonly WaitedResource[] {
  const { pool, family } = refusal;
  if (refusal.code !== "QuotaReached") return [{ type: "Addresses", pool, family }];
  const { account } = refusal;
  const resources: WaitedResource[] = [];
  if (state.pools.pool(pool)?.maxPerAccount !== undefined) resources.push({ type: "Quota", account, pool });
  if (state.quotas.has(account)) resources.push({ type: "Quota", account, pool: null });
  return resources;
}

/** The number of units of a resource that are available now; Infinity if nothing limits them. */
export function unitsOf(resource: WaitedResource, { pools, quotas, holdings }: AllocatorState): number {
  if (resource.type === "Addresses") return pools.family(resource.pool, resource.family)?.available ?? 0;
  if (holdings.accountUsage === null) return Number.POSITIVE_INFINITY;
  const { account, pool } = resource;
  const limit = pool === null ? quotas.get(account) : pools.pool(pool)?.maxPerAccount;
  return (limit ?? Number.POSITIVE_INFINITY) - holdings.accountUsage.of(account, pool);
}
