import { type AddressRange, compareIpAddresses, type Instant, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { ServiceKey } from "../demand.ts";
import type { Pool } from "../pool.ts";
import type { AddressSlot } from "../range/bitmap-page.ts";
import { MinHeap } from "../range/min-heap.ts";
import { RangeBitmap } from "../range/range-bitmap.ts";
import type { UnusedPages } from "../range/unused-pages.ts";
import { Fifo } from "./fifo.ts";
import type { ReleaseLog, ReleaseRecord } from "./release-log.ts";

/** The slot of an address that a pool assigns. */
export type PoolSlot = AddressSlot<PoolFamily>;

/** The slot of an address that a service holds: of a pool, or of none (an orphan) if no pool assigns the address any more. */
export type HeldSlot = AddressSlot<PoolFamily | null>;

/** The releases of addresses that pools assign. */
export type PoolReleases = ReleaseLog<PoolSlot>;

/** The release of an address that a pool assigns. */
export type PoolRelease = ReleaseRecord<PoolSlot>;

/** The construction of a pool family. */
export interface PoolFamilyOptions {
  readonly pool: Pool;
  readonly family: IpFamily;
  /** The ranges of the pool that are of the family, without excluded addresses, in the order written. */
  readonly ranges: readonly AddressRange[];
  readonly releases: PoolReleases;
  readonly unusedPages: UnusedPages;
}

/**
 * The addresses that one pool has of one family. A usable address is in one of four states. Held. Blocked: nobody holds it, and only
 * one service may be given it, because it is reserved or cools down, or none, because it is occupied. Released: in a pool with the order `LeastRecentlyUsed`, it was
 * given back and has cooled down. Free: any service may be given it; its bit is set.
 */
export class PoolFamily {
  readonly pool: Pool;
  readonly family: IpFamily;
  readonly bitmaps: readonly RangeBitmap<PoolFamily>[];
  /** The number of addresses that the pool can assign. */
  readonly usable: bigint;
  /** True if the pool needs to know which service gave an address back, and when. */
  readonly keepsReleases: boolean;
  readonly #reservations = new Map<IpAddress, ServiceKey>();
  readonly #occupied = new Map<IpAddress, PoolSlot>();
  readonly #releases: PoolReleases;
  readonly #open = new MinHeap();
  readonly #cooling = new Fifo<PoolRelease>();
  readonly #released = new Fifo<PoolRelease>();
  readonly #capacity: number;
  #held = 0;
  #blocked = 0;
  #coolingDown = 0;

  constructor({ pool, family, ranges, releases, unusedPages }: PoolFamilyOptions) {
    const { avoidBuggyIPs } = pool;
    this.pool = pool;
    this.family = family;
    this.#releases = releases;
    this.keepsReleases = pool.sticky === true || (pool.coolDown ?? 0) > 0 || pool.order === "LeastRecentlyUsed";
    this.bitmaps = ranges.map(
      (range, rangeIndex) => new RangeBitmap({ poolFamily: this, rangeIndex, range, avoidBuggyIPs, unusedPages }),
    );
    this.usable = this.bitmaps.reduce((sum, { usable }) => sum + usable, 0n);
    this.#capacity = this.usable > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(this.usable);
    for (const index of this.bitmaps.keys()) this.#queue(index);
  }

  /** The number of addresses that are held. */
  get held(): number {
    return this.#held;
  }

  /** The number of addresses that any service may be given; Infinity if a number cannot count them. */
  get available(): number {
    return this.#capacity - this.#held - this.#blocked;
  }

  /** The service for which an address is reserved; null if there is none. */
  reservedFor(address: IpAddress): ServiceKey | null {
    return this.#reservations.get(address) ?? null;
  }

  /** True if any address is reserved. */
  get hasReservations(): boolean {
    return this.#reservations.size > 0;
  }

  /** True while reserved addresses are neither held nor cool down. */
  get hasIdleReservations(): boolean {
    return this.#blocked > this.#coolingDown + this.#unheldOccupied;
  }

  /** True while a host outside uses an address that no service holds. */
  get hasUnheldOccupied(): boolean {
    return this.#unheldOccupied > 0;
  }

  /** True for an address that a host outside uses. */
  isOccupied(address: IpAddress): boolean {
    return this.#occupied.size > 0 && this.#occupied.has(address);
  }

  /** True if every address is either held or free, and the lowest free one is assigned. */
  get isPlain(): boolean {
    return this.#reservations.size === 0 && !this.keepsReleases;
  }

  /** The instant at which the first of the addresses that cool down has done so; null if none cools down. */
  get coolsUntil(): Instant | null {
    return this.#cooling.peek()?.coolsUntil ?? null;
  }

  /** The released addresses that have cooled down, the longest released first; none unless the order is `LeastRecentlyUsed`. */
  get leastRecentlyUsed(): Iterable<PoolRelease> {
    return this.#released;
  }

  /** The lowest free address of the first range that has one which is not in `taken`; null if there is none. */
  lowestFree(taken: readonly HeldSlot[]): PoolSlot | null {
    for (let index = this.#open.peek(); index !== undefined; index = this.#open.peek()) {
      const bitmap = this.bitmaps[index] as RangeBitmap<PoolFamily>;
      const slot = bitmap.lowestFree(taken);
      if (slot !== null) return slot;
      if (bitmap.hasFree) return this.#lowestOfOpenRanges(taken);
      bitmap.isQueued = false;
      this.#open.pop();
    }
    return null;
  }

  /** Notes that a host outside uses an address, which no service holds yet. */
  occupy(slot: PoolSlot): void {
    this.#occupied.set(slot.address, slot);
    if (slot.page.clearFree(slot.index)) this.#blocked++;
  }

  /** Reserves an address, which nobody holds yet, for a service, unless it is reserved already. */
  reserve(slot: PoolSlot, service: ServiceKey): void {
    if (this.#reservations.has(slot.address)) return;
    this.#reservations.set(slot.address, service);
    if (slot.page.clearFree(slot.index)) this.#blocked++;
  }

  /** Notes that an address which nobody held is held now. */
  markHeld(slot: PoolSlot): void {
    this.#held++;
    const wasFree = slot.page.clearFree(slot.index);
    const record = this.keepsReleases ? this.#removeRelease(slot) : undefined;
    if (wasFree) return;
    const cooledDown = (record?.coolsUntil ?? null) === null;
    if (!cooledDown) this.#coolingDown--;
    if (!cooledDown || this.#isSetAside(slot.address)) this.#blocked--;
  }

  /** Notes that nobody holds an address any more, and which service was the last. */
  markReleased(slot: PoolSlot, service: ServiceKey, at: Instant): void {
    this.#held--;
    if (this.keepsReleases) this.#addRelease(slot, service, at, at);
    else this.#makeAvailable(slot, null);
  }

  /** Restores the release of an address that nobody holds, if the pool needs to know of it. */
  restoreRelease(slot: PoolSlot, service: ServiceKey, at: Instant, now: Instant): void {
    if (!this.keepsReleases) return;
    if (!slot.page.clearFree(slot.index)) this.#blocked--;
    this.#addRelease(slot, service, at, now);
  }

  /** Makes the addresses available that have cooled down by `now`, and returns them. */
  expireCoolDowns(now: Instant): readonly PoolSlot[] {
    const expired: PoolSlot[] = [];
    for (let record = this.#cooling.peek(); record !== undefined; record = this.#cooling.peek()) {
      if ((record.coolsUntil as Instant) > now) break;
      this.#cooling.shift();
      record.coolsUntil = null;
      this.#coolingDown--;
      this.#blocked--;
      this.#makeAvailable(record.slot, record);
      expired.push(record.slot);
    }
    return expired;
  }

  /** Drops a release: its address is as if it had never been assigned. */
  dropRelease({ slot, coolsUntil }: PoolRelease): void {
    this.#removeRelease(slot);
    if (coolsUntil !== null) {
      this.#coolingDown--;
      this.#blocked--;
    } else if (this.#isSetAside(slot.address)) return;
    this.#makeAvailable(slot, null);
  }

  /** True if any service may be given an address, which nobody holds. */
  isAvailable({ page, index, address }: PoolSlot): boolean {
    if (page.isFree(index)) return true;
    if (this.pool.order !== "LeastRecentlyUsed" || this.#isSetAside(address)) return false;
    return this.#releases.of(address)?.coolsUntil === null;
  }

  /** True for an address that not every service may be given. */
  #isSetAside(address: IpAddress): boolean {
    return (this.#reservations.size > 0 && this.#reservations.has(address)) || this.isOccupied(address);
  }

  get #unheldOccupied(): number {
    let count = 0;
    for (const slot of this.#occupied.values()) if (!slot.isHeld) count++;
    return count;
  }

  #lowestOfOpenRanges(taken: readonly HeldSlot[]): PoolSlot | null {
    for (const index of this.#open.ascending()) {
      const slot = (this.bitmaps[index] as RangeBitmap<PoolFamily>).lowestFree(taken);
      if (slot !== null) return slot;
    }
    return null;
  }

  #addRelease(slot: PoolSlot, service: ServiceKey, at: Instant, now: Instant): void {
    const until = (at + (this.pool.coolDown ?? 0)) as Instant;
    const cools = until > at && until > now;
    const release = { address: slot.address, service, at };
    const record: PoolRelease = { release, slot, coolsUntil: cools ? until : null, isRemoved: false };
    slot.page.releases++;
    this.#releases.add(record);
    if (!cools) return this.#makeAvailable(slot, record);
    this.#cooling.push(record);
    this.#coolingDown++;
    this.#blocked++;
  }

  #removeRelease({ address }: PoolSlot): PoolRelease | undefined {
    const record = this.#releases.remove(address);
    if (record !== undefined) record.slot.page.releases--;
    return record;
  }

  #makeAvailable(slot: PoolSlot, record: PoolRelease | null): void {
    if (this.#isSetAside(slot.address)) this.#blocked++;
    else if (record !== null && this.pool.order === "LeastRecentlyUsed") this.#released.push(record);
    else this.#free(slot);
  }

  #free(slot: PoolSlot): void {
    const { rangeIndex } = slot.page.position;
    const bitmap = this.bitmaps[rangeIndex] as RangeBitmap<PoolFamily>;
    bitmap.free(slot);
    if (!bitmap.isQueued) this.#queue(rangeIndex);
  }

  #queue(rangeIndex: number): void {
    (this.bitmaps[rangeIndex] as RangeBitmap<PoolFamily>).isQueued = true;
    this.#open.push(rangeIndex);
  }
}

/** True if a pool assigns the address of the slot; false for an orphan. */
export function isPoolSlot(slot: HeldSlot): slot is PoolSlot {
  return slot.poolFamily !== null;
}

/** Orders slots of one pool family: by their range, in the order written, then by address. */
export function compareSlots(a: PoolSlot, b: PoolSlot): number {
  return a.page.position.rangeIndex - b.page.position.rangeIndex || compareIpAddresses(a.address, b.address);
}
