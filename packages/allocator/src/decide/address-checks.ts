import type { IpAddress } from "@herald-lb/sansio";
import type { Demand } from "../demand.ts";
import type { Refusal } from "../refusal.ts";
import { sharingConflict } from "../sharing.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import { type HeldSlot, isPoolSlot, type PoolSlot } from "../state/pool-family.ts";
import type { PoolLocation } from "../state/pool-set.ts";

/** One address for one demand: the subject of every check. */
interface Subject extends PoolLocation {
  readonly demand: Demand;
  readonly address: IpAddress;
  /** The slot of the address; null if its pool does not assign it. */
  readonly slot: PoolSlot | null;
  readonly state: AllocatorState;
}

/** A check returns the reason why the service may not have the address; null if it has no objection. */
type Check = (subject: Subject) => Refusal | null;

const checks = {
  permitted: ({ demand, address, pool }) =>
    demand.permitted.includes(pool) ? null : { code: "AddressNotPermitted", address, pool },

  permittedOrRetained: ({ demand: { permitted, retainedPools }, address, pool }) =>
    permitted.includes(pool) || retainedPools?.includes(pool) === true
      ? null
      : { code: "AddressNotPermitted", address, pool },

  notAvoided: ({ address, pool, code }) => (code === "Avoided" ? { code: "AddressAvoided", address, pool } : null),

  notExcluded: ({ address, pool, code }) => (code === "Excluded" ? { code: "AddressExcluded", address, pool } : null),

  notOccupied: ({ address, pool, slot }) =>
    slot?.poolFamily.isOccupied(address) === true ? { code: "AddressOccupied", address, pool } : null,

  requestable: ({ demand: { service, requestable }, address, pool, slot }) => {
    if (requestable === undefined || requestable.includes(pool)) return null;
    const isReserved = slot?.poolFamily.reservedFor(address) === service;
    return isReserved ? null : { code: "AddressNotRequestable", address, pool };
  },

  notReserved: ({ demand, address, pool, slot }) => {
    const service = slot?.poolFamily.reservedFor(address) ?? null;
    return service === null || service === demand.service
      ? null
      : { code: "AddressReserved", address, pool, for: service };
  },

  sharedWithHolders: ({ demand, slot }) => conflictOn(slot, demand, false),

  sharedWithinAccounts: ({ demand, slot }) =>
    conflictOn(slot, demand, slot?.poolFamily.pool.sharedAcrossAccounts === false),

  cooledDown: ({ demand, address, pool, state }) => {
    const record = state.releases.of(address);
    if (record === undefined || record.coolsUntil === null || record.coolsUntil <= state.now) return null;
    const { service } = record.release;
    if (service === demand.service) return null;
    return { code: "AddressCoolingDown", address, pool, lastHolder: service, until: record.coolsUntil };
  },
} as const satisfies Readonly<Record<string, Check>>;

/**
 * The purpose of a look at an address. `Keep`: the service holds or records it. `Retain`: the same, in a retained pool too. `Request`:
 * the service asks for it by name. `Assign`: the allocator chooses it.
 */
export type Purpose = "Keep" | "Retain" | "Request" | "Assign";

/** The checks for each purpose, in order. Hosts outside, reservations, cool-downs and the bounds of sharing govern only what is newly assigned. */
const checksFor: Readonly<Record<Purpose, readonly Check[]>> = {
  Keep: [checks.permitted, checks.notAvoided, checks.notExcluded, checks.sharedWithHolders],
  Retain: [checks.permittedOrRetained, checks.notAvoided, checks.notExcluded, checks.sharedWithHolders],
  Request: [
    checks.permitted,
    checks.notAvoided,
    checks.notExcluded,
    checks.requestable,
    checks.notOccupied,
    checks.notReserved,
    checks.sharedWithinAccounts,
    checks.cooledDown,
  ],
  Assign: [
    checks.notAvoided,
    checks.notExcluded,
    checks.notOccupied,
    checks.notReserved,
    checks.sharedWithinAccounts,
    checks.cooledDown,
  ],
};

/** The first objection to the service's having an address for a purpose; null if there is none. */
export function refusalFor(
  purpose: Purpose,
  demand: Demand,
  address: IpAddress,
  state: AllocatorState,
): Refusal | null {
  return firstObjection(purpose, demand, address, state.find(address), state);
}

/** The first objection to the service's having the address of a slot for a purpose; null if there is none. */
export function slotRefusalFor(
  purpose: Purpose,
  demand: Demand,
  slot: HeldSlot,
  state: AllocatorState,
): Refusal | null {
  return firstObjection(purpose, demand, slot.address, slot, state);
}

function firstObjection(
  purpose: Purpose,
  demand: Demand,
  address: IpAddress,
  found: HeldSlot | null,
  state: AllocatorState,
): Refusal | null {
  const slot = found !== null && isPoolSlot(found) ? found : null;
  const location = slot === null ? state.pools.locate(address) : null;
  const pool = slot?.poolFamily.pool.name ?? location?.pool;
  if (pool === undefined) return { code: "AddressOutsidePools", address };
  const subject: Subject = { demand, address, slot, state, pool, code: location?.code ?? "Usable" };
  for (const check of checksFor[purpose]) {
    const refusal = check(subject);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** The first holder of a slot that does not let the service join it. */
function conflictOn(slot: PoolSlot | null, demand: Demand, isConfined: boolean): Refusal | null {
  if (slot === null) return null;
  for (const holder of slot.holders) {
    const conflict = sharingConflict(demand, holder, isConfined);
    if (conflict !== null) return { code: "AddressTaken", address: slot.address, by: holder.service, conflict };
  }
  return null;
}
