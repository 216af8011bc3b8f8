import type { Instant, IpAddress } from "@herald-lb/sansio";
import { instant } from "@herald-lb/sansio";
import type { AccountKey, ServiceKey } from "./demand.ts";
import { Holdings, type Witness } from "./holdings.ts";
import type { Place } from "./page.ts";
import { type Release, PartingLog } from "./parting.ts";
import type { Pool } from "./pool.ts";
import { PoolSet } from "./pool-set.ts";
import { SparePages } from "./spare-pages.ts";

/** All that decides: the pools, who holds what, who had what, and how much an account may hold. */
export class Book {
  readonly partings: PartingLog = new PartingLog();
  /** Swept between two calls. */
  readonly spares: SparePages = new SparePages();
  readonly holdings: Holdings;
  readonly #witness: Witness;
  #pools: PoolSet = new PoolSet([], null, this.partings, this.spares);
  #quotas: ReadonlyMap<AccountKey, number> = new Map();
  #now: Instant = instant(Number.NEGATIVE_INFINITY);

  constructor(witness: Witness) {
    this.#witness = witness;
    this.holdings = new Holdings(witness);
  }

  /** The pools. */
  get pools(): PoolSet {
    return this.#pools;
  }

  /** How many addresses of all pools together an account may hold. */
  get quotas(): ReadonlyMap<AccountKey, number> {
    return this.#quotas;
  }

  /** The latest instant it was told. */
  get now(): Instant {
    return this.#now;
  }

  /** Lets time pass. Instants do not run backwards: an earlier one than the latest is taken for that. */
  advance(now: Instant): Instant {
    if (now <= this.#now) return this.#now;
    this.#now = now;
    for (const place of this.#pools.mature(now)) this.#witness.touched(place);
    return now;
  }

  /** Where an address is kept; null for one that no pool gives and nobody holds. */
  find(address: IpAddress): Place | null {
    return this.#pools.find(address) ?? this.holdings.astray(address);
  }

  /** Replaces pools and quotas. Who holds an address holds it still. Returns the services whose addresses left their pool. */
  configure(pools: readonly Pool[], quotas: ReadonlyMap<AccountKey, number>): readonly ServiceKey[] {
    this.#pools = new PoolSet(pools, this.#pools, this.partings, this.spares);
    this.#quotas = new Map(quotas);
    const uprooted = [...this.holdings.strays];
    for (const { runs } of this.#pools.replaced) {
      for (const run of runs) {
        for (const page of run.pages) {
          for (const slot of page.heldSlots()) uprooted.push({ page, slot, address: page.addressAt(slot) });
        }
      }
    }
    const partings = [...this.partings].filter(({ place }) => this.#isReplaced(place));
    for (const place of uprooted) this.holdings.move(place, this.#pools.find(place.address));
    for (const { parting } of partings) this.partings.remove(parting.address);
    this.remember(partings.map(({ parting }) => parting));
    this.holdings.count(quotas.size > 0 || pools.some(({ maxPerAccount }) => maxPerAccount !== undefined));
    const displaced: ServiceKey[] = [];
    for (const [service, { pool, places }] of this.holdings.holders) {
      if (places.some(({ page }) => page.run.stock?.pool.name !== pool)) displaced.push(service);
    }
    return displaced;
  }

  /** Takes over partings, as far as a pool has a use for them and nobody holds the address. */
  remember(partings: readonly Release[]): void {
    if (partings.length === 0) return;
    const known = [...this.partings].map(({ parting }) => parting);
    const newest = new Map([...known, ...partings].toSorted((a, b) => a.at - b.at).map((each) => [each.address, each]));
    for (const { parting } of this.partings) this.#forget(parting.address);
    for (const { address, service, at } of [...newest.values()].toSorted((a, b) => a.at - b.at)) {
      const place = this.#pools.find(address);
      if (place === null || place.page.isHeld(place.slot)) continue;
      place.page.run.stock?.remember(place, service, at, this.#now);
    }
    this.prune();
  }

  /** Forgets the oldest partings when there are more than can be kept. */
  prune(): void {
    while (this.partings.isOverfull) {
      const { parting, place } = this.partings.oldest as NonNullable<PartingLog["oldest"]>;
      this.#forget(parting.address);
      this.#witness.touched(place);
    }
  }

  #forget(address: IpAddress): void {
    const rest = this.partings.of(address);
    if (rest !== undefined) rest.place.page.run.stock?.forget(rest);
  }

  #isReplaced(place: Place): boolean {
    return this.#pools.find(place.address)?.page !== place.page;
  }
}
