import { instant } from "@herald-lb/sansio";
import { Allocator } from "./allocator.ts";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import type { Assignment } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import type { Refusal } from "./refusal.ts";

/** An allocation for a whole set: the assignments, and the reasons why services got less than they want. */
export interface Plan {
  readonly assignments: ReadonlyMap<ServiceKey, Assignment>;
  readonly refusals: ReadonlyMap<ServiceKey, Refusal>;
}

/**
 * Allocates for a whole set at once: adopts every record before it assigns anything new, then goes through the services in the order
 * of their keys. A plan of what a plan recorded changes nothing.
 */
export function plan(
  pools: readonly Pool[],
  demands: readonly Demand[],
  quotas: ReadonlyMap<AccountKey, number> = new Map(),
): Plan {
  const allocator = new Allocator();
  allocator.configure(pools, quotas);
  for (const demand of demands) if (demand.recorded.length > 0) allocator.adopt(demand);
  const refusals = new Map<ServiceKey, Refusal>();
  const inOrder = demands.toSorted((a, b) => (a.service < b.service ? -1 : 1));
  for (const demand of inOrder) {
    const { refusal } = allocator.assign(demand, instant(0));
    if (refusal !== null) refusals.set(demand.service, refusal);
  }
  return { assignments: new Map(allocator.assignments), refusals };
}
