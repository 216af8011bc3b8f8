import { type Instant, type IpAddress, ipAddressToBigInt } from "@herald-lb/sansio";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import { Holder } from "./holder.ts";
import type { Assignment } from "./outcome.ts";
import type { Place } from "./page.ts";
import { Run } from "./run.ts";
import { sameClaim, sameItems } from "./sharing.ts";
import { accountHolds, Tally } from "./tally.ts";

/** Who is told what happens to addresses and accounts. */
export interface Witness {
  /** Somebody came to an address, left it, or holds it on other terms. */
  touched(place: Place): void;
  /** An account holds an address less: of the pool, and of all together. */
  eased(account: AccountKey, pool: string | null): void;
}

/** Who holds which address. */
export class Holdings {
  readonly #holders = new Map<ServiceKey, Holder>();
  readonly #shared = new Map<string, Map<IpAddress, Place>>();
  /** Addresses that are held although no pool gives them any more. */
  readonly #astray = new Map<IpAddress, Place>();
  readonly #witness: Witness;
  #tally: Tally | null = null;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  /** Everyone who holds something. */
  get holders(): ReadonlyMap<ServiceKey, Holder> {
    return this.#holders;
  }

  /** Addresses held under a sharing key, in no order. */
  sharedUnder(sharingKey: string): Iterable<Place> {
    return this.#shared.get(sharingKey)?.values() ?? [];
  }

  /** Where an address is kept that is held although no pool gives it; null for any other. */
  astray(address: IpAddress): Place | null {
    return this.#astray.get(address) ?? null;
  }

  /** How much each account holds; null while nobody counts. */
  get tally(): Tally | null {
    return this.#tally;
  }

  /** Counts anew, or stops counting. */
  count(wanted: boolean): void {
    this.#tally = wanted ? new Tally() : null;
    if (!wanted) return;
    const seen = new Map<AccountKey, Set<IpAddress>>();
    for (const { account, places } of this.#holders.values()) {
      const counted = seen.get(account) ?? new Set();
      seen.set(account, counted);
      for (const place of places) if (!counted.has(place.address)) this.#tally?.add(account, place, 1);
      for (const { address } of places) counted.add(address);
    }
  }

  /** Lets a service hold exactly these places, by the terms of its demand. Places it held already are the same objects. */
  hold(demand: Demand, pool: string, places: readonly Place[], now: Instant): void {
    const before = this.#holders.get(demand.service);
    const after = new Holder(demand, pool, places);
    if (before === undefined) {
      this.#holders.set(demand.service, after);
      for (const place of places) this.#join(place, after);
      return;
    }
    const same = sameClaim(before, after);
    const held = before.places;
    if (same && sameItems(held, places)) {
      before.pool = pool;
      return;
    }
    this.#holders.set(demand.service, after);
    for (const place of places) {
      if (held.includes(place)) this.#amend(place, before, after, same);
      else this.#join(place, after);
    }
    for (const place of held) if (!places.includes(place)) this.#leave(place, before, now);
  }

  /** Takes everything from a service. Returns what it held; null when it held nothing. */
  release(service: ServiceKey, now: Instant): Assignment | null {
    const holder = this.#holders.get(service);
    if (holder === undefined) return null;
    this.#holders.delete(service);
    const only = holder.onlyPlace;
    if (only !== null) this.#leave(only, holder, now);
    else for (const place of holder.places) this.#leave(place, holder, now);
    return holder.assignment;
  }

  /** Moves everyone on an address to where it is kept now: nowhere, for an address that no pool gives. */
  move(from: Place, to: Place | null): void {
    const place = to ?? placeAstray(from.address);
    const holders = from.page.holdersAt(from.slot);
    for (const holder of holders) {
      if (place.page.add(place.slot, holder)) place.page.run.stock?.took(place);
      from.page.remove(from.slot, holder);
      holder.move(place);
      if (holder.sharingKey !== null) this.#shared.get(holder.sharingKey)?.set(place.address, place);
    }
    if (to === null) this.#astray.set(place.address, place);
    else this.#astray.delete(place.address);
  }

  /** The addresses that are held although no pool gave them when they were last looked at. */
  get strays(): readonly Place[] {
    return [...this.#astray.values()];
  }

  #join(place: Place, holder: Holder): void {
    const { page, slot } = place;
    if (page.add(slot, holder)) page.run.stock?.took(place);
    this.#enter(place, holder);
    if (holder.sharingKey !== null) this.#witness.touched(place);
  }

  #amend(place: Place, before: Holder, after: Holder, same: boolean): void {
    place.page.replace(place.slot, before, after);
    if (same) return;
    this.#strike(place, before);
    this.#enter(place, after);
    this.#witness.touched(place);
  }

  #leave(place: Place, holder: Holder, now: Instant): void {
    const { page, slot } = place;
    const isLast = page.remove(slot, holder);
    this.#strike(place, holder);
    if (isLast) {
      if (page.run.stock === null) this.#astray.delete(place.address);
      else page.run.stock.gaveBack(place, holder.service, now);
    }
    this.#witness.touched(place);
  }

  /** Notes in every index that the holder is on the address. */
  #enter(place: Place, { service, account, sharingKey }: Holder): void {
    if (this.#tally !== null && !accountHolds(account, place, service)) this.#tally.add(account, place, 1);
    if (sharingKey === null) return;
    const places = this.#shared.get(sharingKey);
    if (places === undefined) this.#shared.set(sharingKey, new Map([[place.address, place]]));
    else places.set(place.address, place);
  }

  /** Takes back what `#enter` noted; the holder is not on the address any more, or is there as another. */
  #strike(place: Place, { service, account, sharingKey }: Holder): void {
    if (this.#tally !== null && !accountHolds(account, place, service)) {
      this.#tally.add(account, place, -1);
      this.#witness.eased(account, place.page.run.stock?.pool.name ?? null);
    }
    if (sharingKey === null) return;
    if (place.page.holdersAt(place.slot).some((other) => other.sharingKey === sharingKey)) return;
    const places = this.#shared.get(sharingKey);
    places?.delete(place.address);
    if (places?.size === 0) this.#shared.delete(sharingKey);
  }
}

function placeAstray(address: IpAddress): Place {
  const run = new Run(null, 0, { first: address, last: address }, false);
  return run.at(ipAddressToBigInt(address), address) as Place;
}
