import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { Demand } from "./demand.ts";
import type { Place } from "./page.ts";
import type { Refusal } from "./refusal.ts";
import { type Claim, sharingConflict } from "./sharing.ts";

/**
 * Why a service may not keep this very address, which it holds or has on record; null when it may. Reservations, cool-downs, quotas
 * and the bounds of sharing are not asked: they govern what is newly given.
 */
export function whyNotKeep(demand: Demand, address: IpAddress, book: Book): Refusal | null {
  return whyNotIn(demand, address, book) ?? whyNotBeside(demand, book.find(address), false);
}

/** The same of an address that the service holds. */
export function whyNotStay(demand: Demand, place: Place, book: Book): Refusal | null {
  const pool = place.page.run.stock?.pool.name;
  if (pool === undefined) return whyNotIn(demand, place.address, book);
  if (!demand.permitted.includes(pool)) return { code: "AddressNotPermitted", address: place.address, pool };
  return whyNotBeside(demand, place, false);
}

/** Why a service may not have this very address, which it requests; null when it may. */
export function whyNotRequest(demand: Demand, address: IpAddress, book: Book, now: Instant): Refusal | null {
  const refusal = whyNotIn(demand, address, book);
  if (refusal !== null) return refusal;
  const place = book.find(address) as Place;
  const stock = place.page.run.stock;
  const pool = stock?.pool.name ?? "";
  const keptForIt = stock?.reservedFor(address) === demand.service;
  if (!keptForIt && demand.requestable !== undefined && !demand.requestable.includes(pool)) {
    return { code: "AddressNotRequestable", address, pool };
  }
  return whyNotGive(demand, place, book, now);
}

/** Why a pool does not give an address to who may have others of it; null when it does. */
export function whyNotGive(claim: Claim, place: Place, book: Book, now: Instant): Refusal | null {
  const { address } = place;
  const stock = place.page.run.stock;
  if (stock === null) return { code: "AddressOutsidePools", address };
  const pool = stock.pool.name;
  const reservedFor = stock.reservedFor(address);
  if (reservedFor !== null && reservedFor !== claim.service) {
    return { code: "AddressReserved", address, pool, for: reservedFor };
  }
  const taken = whyNotBeside(claim, place, stock.pool.sharedAcrossAccounts === false);
  if (taken !== null) return taken;
  const rest = book.partings.of(address);
  if (rest === undefined || rest.coolsUntil === null || rest.coolsUntil <= now) return null;
  if (rest.parting.service === claim.service) return null;
  return { code: "AddressCoolingDown", address, pool, lastHolder: rest.parting.service, until: rest.coolsUntil };
}

function whyNotIn(demand: Demand, address: IpAddress, book: Book): Refusal | null {
  const where = book.pools.whereabouts(address);
  if (where === null) return { code: "AddressOutsidePools", address };
  const { pool, code } = where;
  if (!demand.permitted.includes(pool)) return { code: "AddressNotPermitted", address, pool };
  if (code === "Avoided") return { code: "AddressAvoided", address, pool };
  return code === "Excluded" ? { code: "AddressExcluded", address, pool } : null;
}

/** Who keeps a claim off an address, and why; null when nobody does. */
function whyNotBeside(claim: Claim, place: Place | null, confined: boolean): Refusal | null {
  if (place === null) return null;
  for (const holder of place.page.holdersAt(place.slot)) {
    const conflict = sharingConflict(claim, holder, confined);
    if (conflict !== null) return { code: "AddressTaken", address: place.address, by: holder.service, conflict };
  }
  return null;
}
