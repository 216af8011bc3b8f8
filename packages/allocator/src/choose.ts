import { err, type IpAddress, type IpFamily, ok, type Result } from "@herald-lb/sansio";
import type { Demand } from "./demand.ts";
import type { PoolSet } from "./pool-set.ts";
import type { PoolRefusal, Refusal } from "./refusal.ts";
import { claimOf } from "./sharing.ts";

/** Addresses of one pool for one service. */
export interface Choice {
  readonly pool: string;
  readonly addresses: readonly IpAddress[];
}

/** The families a service shall have where nothing is short. */
export function familiesWanted(demand: Demand): readonly IpFamily[] {
  const wish = demand.families;
  if (wish.type === "All") return wish.families;
  return wish.primary === "IPv4" ? ["IPv4", "IPv6"] : ["IPv6", "IPv4"];
}

/**
 * Addresses for a service that has none: the first pool in the demand's order that gives every family wanted. Where both are only
 * preferred and no pool has both, the first pool with the primary family serves, else the first with the secondary.
 */
export function chooseFresh(demand: Demand, pools: PoolSet): Result<Choice, Refusal> {
  if (demand.pools.length === 0) return err({ code: "NoEligiblePool" });
  const wanted = familiesWanted(demand);
  const claim = claimOf(demand);
  const known = new Set(pools.names);
  const tried: PoolRefusal[] = [];
  const fallback = new Map<IpFamily, Choice>();
  for (const pool of demand.pools.flat()) {
    const addresses: IpAddress[] = [];
    for (const family of wanted) {
      const address = pools.firstFor(pool, family, claim);
      if (address !== null) {
        addresses.push(address);
        if (!fallback.has(family)) fallback.set(family, { pool, addresses: [address] });
      } else tried.push({ pool, family, code: refusalOf(pool, family, known, pools) });
    }
    if (addresses.length === wanted.length) return ok({ pool, addresses });
  }
  if (demand.families.type === "PreferBoth") {
    for (const family of wanted) {
      const choice = fallback.get(family);
      if (choice !== undefined) return ok(choice);
    }
  }
  return err({ code: "PoolsExhausted", tried });
}

function refusalOf(
  pool: string,
  family: IpFamily,
  known: ReadonlySet<string>,
  pools: PoolSet,
): "Unknown" | "Exhausted" | "FamilyAbsent" {
  if (!known.has(pool)) return "Unknown";
  return pools.hasFamily(pool, family) ? "Exhausted" : "FamilyAbsent";
}
