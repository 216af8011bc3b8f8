import type { Demand } from "../demand.ts";
import { accountHolds } from "../state/account-usage.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import { compareSlots, type HeldSlot, isPoolSlot, type PoolFamily, type PoolSlot } from "../state/pool-family.ts";
import { slotRefusalFor } from "./address-checks.ts";

/** The circumstances in which one slot is picked. */
export interface Pick {
  readonly state: AllocatorState;
  readonly demand: Demand;
  readonly poolFamily: PoolFamily;
  /** The slots that the service holds and gives up for the new ones: it may get them back. */
  readonly givesUp: readonly HeldSlot[];
  /** The slots that the service keeps or that were picked before: tentatively taken, and not picked again. */
  readonly taken: readonly PoolSlot[];
  /** True if the account may hold no more addresses: only those of its other services come into question. */
  readonly isAtLimit: boolean;
}

/**
 * The slot that a pool family assigns to a service next; null if it has none. Reserved ones come first, then those that the service
 * holds, then those that it released, if the pool is sticky, then the pool's order.
 */
export function pickSlot(pick: Pick): PoolSlot | null {
  const { demand, poolFamily, givesUp, taken, isAtLimit } = pick;
  if (poolFamily.isPlain && demand.sharingKey === null && givesUp.length === 0) {
    return isAtLimit ? null : poolFamily.lowestFree(taken);
  }
  const preferred = pickReserved(pick) ?? pickHeld(pick);
  if (preferred !== null) return preferred;
  const released = ownReleases(pick);
  const [firstReleased = null] = released;
  if (poolFamily.pool.sticky === true && firstReleased !== null) return firstReleased;
  const shared = lowest(sharedSlots(pick));
  if (isAtLimit) return shared;
  if (poolFamily.pool.order === "LeastRecentlyUsed") {
    return shared ?? poolFamily.lowestFree(taken) ?? leastRecentlyUsed(pick) ?? firstReleased;
  }
  const free = poolFamily.lowestFree(taken);
  return lowest([shared, free, ...released].filter((slot) => slot !== null));
}

function pickReserved(pick: Pick): PoolSlot | null {
  const { state, demand, poolFamily } = pick;
  if (!poolFamily.hasReservations) return null;
  return state.pools.reservedFor(demand.service).find((slot) => canAssign(pick, slot)) ?? null;
}

/** A slot that the service gives up anyway and may as well keep. */
function pickHeld(pick: Pick): PoolSlot | null {
  const { state, demand, poolFamily, givesUp, taken } = pick;
  const held = givesUp
    .filter(isPoolSlot)
    .find(
      (slot) =>
        slot.poolFamily === poolFamily &&
        !taken.includes(slot) &&
        !slot.poolFamily.isOccupied(slot.address) &&
        isWithinLimit(pick, slot) &&
        slotRefusalFor("Keep", demand, slot, state) === null,
    );
  return held ?? null;
}

/** The slots of the pool family that the service itself gave back and nobody took since, lowest first. */
function ownReleases(pick: Pick): readonly PoolSlot[] {
  const { state, demand, poolFamily, isAtLimit } = pick;
  if (isAtLimit || !poolFamily.keepsReleases) return [];
  return [...state.releases.by(demand.service)]
    .map(({ slot }) => slot)
    .filter((slot) => canAssign(pick, slot))
    .toSorted(compareSlots);
}

/** The slots that services with the same sharing key hold and that this one may join. */
function sharedSlots(pick: Pick): readonly PoolSlot[] {
  const { sharingKey } = pick.demand;
  if (sharingKey === null) return [];
  const slots: PoolSlot[] = [];
  for (const slot of pick.state.holdings.sharedUnder(sharingKey)) {
    if (isPoolSlot(slot) && canAssign(pick, slot)) slots.push(slot);
  }
  return slots;
}

function leastRecentlyUsed(pick: Pick): PoolSlot | null {
  for (const { slot } of pick.poolFamily.leastRecentlyUsed) if (canAssign(pick, slot)) return slot;
  return null;
}

function canAssign(pick: Pick, slot: PoolSlot): boolean {
  const { state, demand, poolFamily, taken } = pick;
  return (
    slot.poolFamily === poolFamily &&
    !taken.some(({ address }) => address === slot.address) &&
    !slot.holders.some(({ service }) => service === demand.service) &&
    isWithinLimit(pick, slot) &&
    slotRefusalFor("Assign", demand, slot, state) === null
  );
}

function isWithinLimit({ demand, isAtLimit }: Pick, slot: PoolSlot): boolean {
  return !isAtLimit || accountHolds(demand.account ?? "", slot, demand.service);
}

function lowest(slots: readonly PoolSlot[]): PoolSlot | null {
  return slots.reduce<PoolSlot | null>(
    (least, slot) => (least !== null && compareSlots(least, slot) < 0 ? least : slot),
    null,
  );
}
