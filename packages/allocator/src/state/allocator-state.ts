import { type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import type { AccountKey, ServiceKey } from "../demand.ts";
import type { Pool } from "../pool.ts";
import { UnusedPages } from "../range/unused-pages.ts";
import type { Release } from "../release.ts";
import { Holdings } from "./holdings.ts";
import type { Observer } from "./observer.ts";
import type { HeldSlot, PoolFamily, PoolRelease, PoolReleases, PoolSlot } from "./pool-family.ts";
import { PoolSet } from "./pool-set.ts";
import { ReleaseLog } from "./release-log.ts";

/** Everything that decisions depend on: pools, quotas, holdings, releases and the time. */
export class AllocatorState {
  readonly releases: PoolReleases = new ReleaseLog<PoolSlot>();
  /** The pages that may be dropped, between two calls. */
  readonly unusedPages: UnusedPages = new UnusedPages();
  readonly holdings: Holdings;
  readonly #observer: Observer;
  #pools: PoolSet = this.#poolSet([], null);
  #quotas: ReadonlyMap<AccountKey, number> = new Map();
  #now: Instant = instant(Number.NEGATIVE_INFINITY);

  constructor(observer: Observer) {
    this.#observer = observer;
    this.holdings = new Holdings(observer);
  }

  /** The pools. */
  get pools(): PoolSet {
    return this.#pools;
  }

  /** The number of addresses of all pools together that an account may hold. */
  get quotas(): ReadonlyMap<AccountKey, number> {
    return this.#quotas;
  }

  /** The latest instant that a call passed. */
  get now(): Instant {
    return this.#now;
  }

  /** Advances the time. Instants do not run backwards: an earlier one than the latest counts as the latest. */
  advance(now: Instant): Instant {
    if (now <= this.#now) return this.#now;
    this.#now = now;
    for (const slot of this.#pools.expireCoolDowns(now)) this.#observer.slotChanged(slot);
    return now;
  }

  /** The slot of an address; null for one that no pool assigns and nobody holds. */
  find(address: IpAddress): HeldSlot | null {
    return this.#pools.find(address) ?? this.holdings.orphan(address);
  }

  /** Replaces pools and quotas; holders keep their addresses. Returns the services whose addresses left their pool. */
  configure(pools: readonly Pool[], quotas: ReadonlyMap<AccountKey, number>): readonly ServiceKey[] {
    const hasSameQuotas = equalQuotas(this.#quotas, quotas);
    this.#pools = this.#poolSet(pools, this.#pools);
    this.#quotas = new Map(quotas);
    if (hasSameQuotas && this.#pools.changed.size === 0) return [];
    for (const slot of this.#slotsToMove()) this.holdings.move(slot, this.#pools.find(slot.address));
    this.#moveReleases();
    this.holdings.countAccounts(quotas.size > 0 || pools.some(({ maxPerAccount }) => maxPerAccount !== undefined));
    const displaced: ServiceKey[] = [];
    for (const [service, { pool, slots }] of this.holdings.holders) {
      const isChanged = this.#pools.changed.has(pool);
      const mustAsk = ({ poolFamily, address }: HeldSlot): boolean =>
        poolFamily?.pool.name !== pool || (isChanged && poolFamily.isOccupied(address));
      if (slots.some(mustAsk)) displaced.push(service);
    }
    return displaced;
  }

  /** Restores releases, as far as a pool needs to know of them and nobody holds the address. */
  restoreReleases(releases: readonly Release[]): void {
    if (releases.length === 0) return;
    const known = [...this.releases].map(({ release }) => release);
    const newest = new Map([...known, ...releases].toSorted(byTime).map((each) => [each.address, each]));
    for (const record of this.releases) record.slot.poolFamily.dropRelease(record);
    for (const { address, service, at } of [...newest.values()].toSorted(byTime)) {
      const slot = this.#pools.find(address);
      if (slot !== null && !slot.isHeld) slot.poolFamily.restoreRelease(slot, service, at, this.#now);
    }
    this.dropOldReleases();
  }

  /** Drops the oldest releases while there are more than the log should hold. */
  dropOldReleases(): void {
    while (this.releases.isOverLimit) {
      const record = this.releases.oldest as PoolRelease;
      record.slot.poolFamily.dropRelease(record);
      this.#observer.slotChanged(record.slot);
    }
  }

  #poolSet(pools: readonly Pool[], before: PoolSet | null): PoolSet {
    return new PoolSet({ pools, before, releases: this.releases, unusedPages: this.unusedPages });
  }

  /** The held slots of pool families that are gone, and the orphans, which a pool may assign now. */
  #slotsToMove(): readonly HeldSlot[] {
    const pages = this.#pools.replaced.flatMap(({ bitmaps }) => bitmaps.flatMap((bitmap) => [...bitmap.pages]));
    return [...this.holdings.orphans, ...pages.flatMap((page) => [...page.heldSlots()])];
  }

  /** Takes the releases of pool families that are gone over to the pools that have their addresses now. */
  #moveReleases(): void {
    const replaced: ReadonlySet<PoolFamily> = new Set(this.#pools.replaced);
    const records = [...this.releases].filter(({ slot }) => replaced.has(slot.poolFamily));
    for (const { release } of records) this.releases.remove(release.address);
    this.restoreReleases(records.map(({ release }) => release));
  }
}

function equalQuotas(a: ReadonlyMap<AccountKey, number>, b: ReadonlyMap<AccountKey, number>): boolean {
  return a.size === b.size && [...a].every(([account, limit]) => b.get(account) === limit);
}

function byTime(a: Release, b: Release): number {
  return a.at - b.at;
}
