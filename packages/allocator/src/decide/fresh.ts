import type { IpAddress, IpFamily } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { PoolRefusal, Refusal } from "../refusal.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import { slotRefusalFor } from "./address-checks.ts";
import {
  type DemandDecision,
  decisionToHold,
  type DemandContext,
  replaceableSlots,
  unavailableRecorded,
  wantedFamilies,
} from "./decision.ts";
import { poolsInOrder, preferredPools } from "./pool-order.ts";
import { type FoundSlots, PoolSearch } from "./pool-search.ts";

/** Slots of one pool for one service. */
interface Choice {
  readonly pool: string;
  readonly slots: readonly PoolSlot[];
  /** The wanted families of which the pool has none. */
  readonly missing: readonly IpFamily[];
}

const none: readonly never[] = [];

/**
 * The result of `decideFresh` in the plain case: one address of one family, nothing shared, counted, reserved or released, and the first
 * pool has one. Null in any other case, which does not say that there is none.
 */
export function findPlain({ pools, holdings, releases }: AllocatorState, demand: Demand): PoolSlot | null {
  const { families: policy, perFamily = 1, pools: choices, service } = demand;
  const [pool] = choices;
  const family = policy.type === "All" && policy.families.length === 1 ? policy.families[0] : undefined;
  if (family === undefined || perFamily !== 1 || typeof pool !== "string" || demand.sharingKey !== null) return null;
  if (holdings.accountUsage !== null || pools.reservedFor(service).length > 0 || releases.by(service).size > 0) {
    return null;
  }
  const poolFamily = pools.family(pool, family);
  return poolFamily?.isPlain === true ? poolFamily.lowestFree(none) : null;
}

/**
 * Decides to assign everything anew; if no pool has it, the legal addresses stay. `triedBefore` is what the pools refused when these
 * were to be completed.
 */
export function decideFresh(context: DemandContext, triedBefore: readonly PoolRefusal[]): DemandDecision {
  const { state, demand, legal } = context;
  const search = new PoolSearch(state, demand, replaceableSlots(context));
  const choice = choosePool(state, demand, search);
  const tried = triedBefore.length === 0 ? search.tried : [...triedBefore, ...search.tried];
  if (choice === null) {
    const refusal = search.tried.length === 0 ? { code: "NoEligiblePool" as const } : search.refusal;
    const wantedAddresses = [...unavailableRecorded(context), ...unavailableReserved(context)];
    return decisionToHold(context, legal.kept, { refusal, removalReason: legal.refusal, tried, wantedAddresses });
  }
  const incomplete = triedBefore.length === 0 ? null : { code: "PoolsExhausted" as const, tried: triedBefore };
  const removalReason = legal.refusal ?? incomplete;
  if (choice.missing.length === 0) return decisionToHold(context, choice.slots, { removalReason, tried });
  const blockedBy = search.tried.filter(({ pool, family }) => pool === choice.pool && choice.missing.includes(family));
  const refusal = search.refusalOf(blockedBy);
  return decisionToHold(context, choice.slots, { refusal, removalReason, tried, blockedBy });
}

/** Decides to assign everything anew in place of addresses that hosts outside use, where a pool has all of it; else they stay, and the refusal is `occupied`. */
export function decideElsewhere(
  context: DemandContext,
  occupied: Refusal | null,
  triedBefore: readonly PoolRefusal[],
): DemandDecision {
  const { state, demand, legal } = context;
  const search = new PoolSearch(state, demand, replaceableSlots(context));
  const choice = choosePool(state, demand, search);
  const isFound = choice !== null && choice.missing.length === 0;
  const tried = [...triedBefore, ...search.tried];
  if (!isFound) return decisionToHold(context, legal.kept, { refusal: occupied, tried });
  return decisionToHold(context, choice.slots, { removalReason: legal.refusal ?? occupied, tried });
}

/**
 * The slots of the first pool that has every wanted family. Where both families are only preferred and no pool has both, those of the
 * first pool with the primary family, else of the first with the secondary. Null if no pool has any; the search knows why.
 */
function choosePool(state: AllocatorState, demand: Demand, search: PoolSearch): Choice | null {
  const wanted = wantedFamilies(demand);
  const mayBePartial = demand.families.type === "PreferBoth";
  const partial = new Map<IpFamily, Choice>();
  const preferred = preferredPools(state, demand);
  for (const pool of poolsInOrder(state, demand, preferred)) {
    const found = search.findIn(pool, wanted, none);
    const choice = choiceOf(pool, found, wanted);
    if (choice.missing.length === 0) return choice;
    if (!mayBePartial || found.families.length === 0) continue;
    // A pool that gives the service all that it has of its own comes before a pool with both families.
    if (preferred.get(pool)?.every((family) => found.families.includes(family)) === true) return choice;
    for (const family of found.families) if (!partial.has(family)) partial.set(family, choice);
  }
  const family = wanted.find((each) => partial.has(each));
  return family === undefined ? null : (partial.get(family) ?? null);
}

function choiceOf(pool: string, { slots, families }: FoundSlots, wanted: readonly IpFamily[]): Choice {
  const missing = families.length === wanted.length ? none : wanted.filter((family) => !families.includes(family));
  return { pool, slots, missing };
}

/** The addresses that are reserved for the service and that it cannot have now. */
function unavailableReserved({ state, demand }: DemandContext): readonly IpAddress[] {
  return state.pools
    .reservedFor(demand.service)
    .filter(({ poolFamily }) => demand.permitted.includes(poolFamily.pool.name))
    .filter((slot) => slotRefusalFor("Assign", demand, slot, state) !== null)
    .map(({ address }) => address);
}
