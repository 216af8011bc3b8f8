import type { PoolRefusal, Refusal } from "../refusal.ts";
import type { PoolSlot } from "../state/pool-family.ts";
import { countOf, type DemandContext, replaceableSlots, wantedFamilies } from "./decision.ts";
import { PoolSearch } from "./pool-search.ts";

/** The slots that a service keeps where hosts outside use some of them. */
export interface Replacement {
  /** As many slots of each family as the service kept, those of hosts outside replaced where their pool has others. */
  readonly slots: readonly PoolSlot[];
  /** The slots that are given up, and those that came in place of them. */
  readonly left: readonly PoolSlot[];
  readonly gained: readonly PoolSlot[];
  /** The first address that was given up, as the reason; null for none. */
  readonly removalReason: Refusal | null;
  /** The first address that stays although a host outside uses it; null for none. */
  readonly refusal: Refusal | null;
  readonly tried: readonly PoolRefusal[];
}

/**
 * The replacement of the kept addresses that hosts outside use, out of their own pool: of all families, or else of the first family of which there are enough. An
 * address stays until there is another for it.
 */
export function replaceOccupied(context: DemandContext): Replacement {
  const { kept } = context.legal;
  const occupied = kept.filter(isOccupied);
  const families = wantedFamilies(context.demand).filter((family) => countOf(occupied, family) > 0);
  const tried: PoolRefusal[] = [];
  for (const attempt of families.length > 1 ? [families, ...families.map((family) => [family])] : [families]) {
    const leaves = occupied.filter(({ family }) => attempt.includes(family));
    const stays = kept.filter((slot) => !leaves.includes(slot));
    const gained = findInPlaceOf(context, leaves, stays, tried);
    if (gained === null) continue;
    return {
      slots: [...stays, ...gained],
      left: leaves,
      gained,
      removalReason: refusalOf(leaves[0]),
      refusal: refusalOf(stays.find(isOccupied)),
      tried,
    };
  }
  return { slots: kept, left: [], gained: [], removalReason: null, refusal: refusalOf(occupied[0]), tried };
}

/** True for a slot whose address a host outside uses. */
export function isOccupied({ poolFamily, address }: PoolSlot): boolean {
  return poolFamily.isOccupied(address);
}

/** As many slots as leave, of the same families and pool; null where there are not as many, which `tried` has then. */
function findInPlaceOf(
  context: DemandContext,
  leaves: readonly PoolSlot[],
  stays: readonly PoolSlot[],
  tried: PoolRefusal[],
): readonly PoolSlot[] | null {
  const [first] = leaves;
  if (first === undefined) return null;
  const pool = first.poolFamily.pool.name;
  const { state, demand } = context;
  const givesUp = replaceableSlots(context).filter((slot) => !stays.some((own) => own === slot));
  const gained: PoolSlot[] = [];
  for (const family of wantedFamilies(demand).filter((each) => countOf(leaves, each) > 0)) {
    const perFamily = countOf([...stays, ...leaves], family);
    const search = new PoolSearch(state, { ...demand, perFamily }, givesUp);
    search.charge(pool, gained);
    const { slots, families } = search.findIn(pool, [family], stays);
    tried.push(...search.tried);
    if (families.length === 0) return null;
    gained.push(...slots);
  }
  return gained;
}

function refusalOf(slot: PoolSlot | undefined): Refusal | null {
  if (slot === undefined) return null;
  return { code: "AddressOccupied", address: slot.address, pool: slot.poolFamily.pool.name };
}
