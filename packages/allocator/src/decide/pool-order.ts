import type { IpFamily } from "@herald-lb/sansio";
import type { Demand, PoolChoice } from "../demand.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import type { PoolSet } from "../state/pool-set.ts";
import { slotRefusalFor } from "./address-checks.ts";
import { wantedFamilies } from "./decision.ts";

/** The pools from which a service gets certain addresses of its own, in order, with the families of those addresses. */
export type PreferredPools = ReadonlyMap<string, readonly IpFamily[]>;

const noPreference: PreferredPools = new Map();

/**
 * The pools that have an address for this very service: first those that reserve one, also where the service gets none unasked; then
 * sticky pools whose address it released.
 */
export function preferredPools(state: AllocatorState, demand: Demand): PreferredPools {
  const reservations = state.pools.reservedFor(demand.service);
  const releases = state.releases.by(demand.service);
  if (reservations.length === 0 && releases.size === 0) return noPreference;
  const eligible = demand.pools.flat();
  const reserved = reservations.filter(({ poolFamily }) => demand.permitted.includes(poolFamily.pool.name));
  const released = [...releases]
    .map(({ slot }) => slot)
    .filter(({ poolFamily: { pool } }) => pool.sticky === true && eligible.includes(pool.name));
  const wanted = wantedFamilies(demand);
  const isAvailable = (slot: PoolSlot): boolean =>
    wanted.includes(slot.family) && slotRefusalFor("Assign", demand, slot, state) === null;

  const preferred = new Map<string, IpFamily[]>();
  for (const slots of [reserved.filter(isAvailable), released.filter(isAvailable)]) {
    const names = new Set(slots.map(({ poolFamily }) => poolFamily.pool.name));
    for (const name of new Set([...eligible.filter((each) => names.has(each)), ...names])) {
      const families = preferred.get(name) ?? [];
      preferred.set(name, families);
      for (const { poolFamily, family } of slots) if (poolFamily.pool.name === name) families.push(family);
    }
  }
  return preferred;
}

/** The pools of a demand in the order in which they are tried: the preferred ones, then the demand's own order. */
export function* poolsInOrder(state: AllocatorState, demand: Demand, preferred: PreferredPools): Iterable<string> {
  yield* preferred.keys();
  for (const choice of demand.pools) {
    const names = typeof choice === "string" ? [choice] : byFreeShare(choice, wantedFamilies(demand), state.pools);
    for (const name of names) if (!preferred.has(name)) yield name;
  }
}

/** The pools of one rank, the one with the largest free share first. */
function byFreeShare(
  names: Exclude<PoolChoice, string>,
  wanted: readonly IpFamily[],
  pools: PoolSet,
): readonly string[] {
  return names
    .map((name) => ({ name, share: freeShare(name, wanted, pools) }))
    .toSorted((a, b) => -compareShares(a.share, b.share))
    .map(({ name }) => name);
}

/** A fraction, exact for pools of any size. */
interface Share {
  readonly free: bigint;
  readonly of: bigint;
}

/** The free share of a pool: that of the wanted family of which it has the least left. */
function freeShare(name: string, wanted: readonly IpFamily[], pools: PoolSet): Share {
  let least: Share | null = null;
  for (const family of wanted) {
    const poolFamily = pools.family(name, family);
    if (poolFamily === null || poolFamily.usable === 0n) continue;
    const share = { free: poolFamily.usable - BigInt(poolFamily.held), of: poolFamily.usable };
    if (least === null || compareShares(share, least) < 0) least = share;
  }
  return least ?? { free: 0n, of: 1n };
}

function compareShares(a: Share, b: Share): number {
  const difference = a.free * b.of - b.free * a.of;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
