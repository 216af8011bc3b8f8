import {
  type AddressRange,
  BUGGY_LAST_OCTETS,
  countBuggyIpv4,
  familyOf,
  type IpAddress,
  ipAddressToBigInt,
  type IpFamily,
  rangeBounds,
  rangeSize,
} from "@herald-lb/sansio";
import { AddressSlot, BitmapPage, PAGE_SIZE } from "./bitmap-page.ts";
import { MinHeap } from "./min-heap.ts";
import type { PageOwner, UnusedPages } from "./unused-pages.ts";

const SHIFT = 8n;
/** The first page whose address offsets do not fit a number. */
const COUNTABLE = 2 ** 45;
const none: readonly never[] = [];

/** The construction of a range bitmap. */
export interface RangeBitmapOptions<PoolFamily> {
  readonly poolFamily: PoolFamily;
  /** The number of ranges before this one in the pool family. */
  readonly rangeIndex: number;
  readonly range: AddressRange;
  /** True to never assign IPv4 addresses that end in 0 or 255. */
  readonly avoidBuggyIPs: boolean;
  readonly unusedPages: UnusedPages;
}

/**
 * A bitmap of one address range as pages, which are made when they are first needed: memory grows with the number of addresses in use,
 * not with the range. Pages below the frontier that have a free address are in a heap, so that the lowest free address is found in
 * O(log n). Pages from 2^45 on are made only for addresses that are requested by name: nobody counts that far.
 */
export class RangeBitmap<PoolFamily> implements PageOwner {
  readonly range: AddressRange;
  /** The number of addresses that it can assign. */
  readonly usable: bigint;
  /** True while the pool family has it in its heap of ranges with a free address. */
  isQueued = false;
  readonly #poolFamily: PoolFamily;
  readonly #rangeIndex: number;
  readonly #family: IpFamily;
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #base: bigint;
  readonly #avoided: readonly number[];
  readonly #pages = new Map<number | bigint, BitmapPage<PoolFamily>>();
  readonly #open = new MinHeap();
  readonly #unusedPages: UnusedPages;
  readonly #pageLimit: number;
  #unused: BitmapPage<PoolFamily>[] = [];
  #frontier = 0;

  constructor({ poolFamily, rangeIndex, range, avoidBuggyIPs, unusedPages }: RangeBitmapOptions<PoolFamily>) {
    const { start, end } = rangeBounds(range);
    this.range = range;
    this.#poolFamily = poolFamily;
    this.#rangeIndex = rangeIndex;
    this.#family = familyOf(range.first);
    this.#start = start;
    this.#end = end;
    this.#base = (start >> SHIFT) << SHIFT;
    this.#pageLimit = Math.min(Number(((end - this.#base) >> SHIFT) + 1n), COUNTABLE);
    this.#avoided = avoidBuggyIPs && this.#family === "IPv4" ? BUGGY_LAST_OCTETS : [];
    this.#unusedPages = unusedPages;
    this.usable = rangeSize(range) - (avoidBuggyIPs ? countBuggyIpv4(range) : 0n);
  }

  /** True while any address is free. */
  get hasFree(): boolean {
    return this.lowestFree(none) !== null;
  }

  /** The lowest address that is free and not in one of the slots `taken`; null if there is none. */
  lowestFree(taken: readonly AddressSlot<unknown>[]): AddressSlot<PoolFamily> | null {
    return this.#lowestInHeap(taken) ?? this.#lowestBeyondFrontier(taken);
  }

  /** The slot of an address of the range; null for an address that the range avoids. */
  slotOf(address: IpAddress): AddressSlot<PoolFamily> | null {
    const offset = ipAddressToBigInt(address) - this.#base;
    const index = Number(offset & 0xffn);
    if (this.#avoided.includes(index)) return null;
    const pageIndex = offset >> SHIFT;
    const page = this.#page(pageIndex < COUNTABLE ? Number(pageIndex) : pageIndex);
    return new AddressSlot(page, index, address);
  }

  /** Marks an address as free. */
  free({ page, index }: AddressSlot<PoolFamily>): void {
    page.setFree(index);
    if (page.position.index >= this.#frontier) this.#addUnused(page);
    else if (!page.isQueued) this.#queue(page);
  }

  /** Drops the pages that nobody needs, except those that the frontier has passed. */
  dropUnused(): void {
    for (const page of this.#unused) {
      const { index } = page.position;
      if (page.isPristine && index >= this.#frontier && this.#pages.get(index) === page) this.#pages.delete(index);
    }
    this.#unused = [];
  }

  /** The pages made so far. */
  get pages(): Iterable<BitmapPage<PoolFamily>> {
    return this.#pages.values();
  }

  #lowestInHeap(taken: readonly AddressSlot<unknown>[]): AddressSlot<PoolFamily> | null {
    for (let index = this.#open.peek(); index !== undefined; index = this.#open.peek()) {
      const page = this.#page(index);
      const free = page.lowestFree(taken);
      if (free >= 0) return page.slotAt(free);
      if (page.hasFree) return this.#lowestOfOpenPages(taken);
      page.isQueued = false;
      this.#open.pop();
    }
    return null;
  }

  /** The lowest free address where all those of the first page are taken. */
  #lowestOfOpenPages(taken: readonly AddressSlot<unknown>[]): AddressSlot<PoolFamily> | null {
    for (const index of this.#open.ascending()) {
      const page = this.#page(index);
      const free = page.lowestFree(taken);
      if (free >= 0) return page.slotAt(free);
    }
    return null;
  }

  #lowestBeyondFrontier(taken: readonly AddressSlot<unknown>[]): AddressSlot<PoolFamily> | null {
    while (this.#frontier < this.#pageLimit) {
      const page = this.#page(this.#frontier++);
      if (page.hasFree) this.#queue(page);
      const free = page.lowestFree(taken);
      if (free >= 0) return page.slotAt(free);
    }
    return null;
  }

  #queue(page: BitmapPage<PoolFamily>): void {
    page.isQueued = true;
    this.#open.push(page.position.index as number);
  }

  #addUnused(page: BitmapPage<PoolFamily>): void {
    this.#unused.push(page);
    this.#unusedPages.add(this);
  }

  #page(index: number | bigint): BitmapPage<PoolFamily> {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    const first = this.#base + (BigInt(index) << SHIFT);
    const page = new BitmapPage({
      poolFamily: this.#poolFamily,
      family: this.#family,
      rangeIndex: this.#rangeIndex,
      index,
      first,
    });
    const from = first < this.#start ? Number(this.#start - first) : 0;
    const to = first + BigInt(PAGE_SIZE) > this.#end ? Number(this.#end - first) : PAGE_SIZE - 1;
    for (let at = from; at <= to; at++) if (!this.#avoided.includes(at)) page.setFree(at);
    this.#pages.set(index, page);
    if (index >= this.#frontier) this.#addUnused(page);
    return page.seal();
  }
}
