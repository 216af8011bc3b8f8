import { type AddressRange, familyOf, type IpAddress, ipAddressToBigInt, type IpFamily } from "@herald-lb/sansio";
import { MinHeap } from "./min-heap.ts";
import { Page, PAGE_SIZE, type Place } from "./page.ts";
import type { SparePages } from "./spare-pages.ts";
import type { Stock } from "./stock.ts";

const SHIFT = 8n;
/** From here on the offset of an address would not fit a number. */
const COUNTABLE = 2 ** 45;

/**
 * Neighbouring addresses, all of which may be given out but those avoided, as pages made when they are first needed: memory grows
 * with what is given out, not with the run. Pages below the frontier that have a free address are in a heap; so the lowest free
 * address is found in O(log n). Pages from 2^45 on are made for addresses asked for by name only: nobody counts that far.
 */
export class Run {
  /** Null for addresses that are held although no pool gives them. */
  readonly stock: Stock | null;
  /** How many runs come before it in its stock. */
  readonly index: number;
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
  /** Whether the stock has it in its heap of runs with a free address. */
  queued = false;
  readonly #base: bigint;
  readonly #avoided: readonly number[];
  readonly #pages = new Map<number | bigint, Page>();
  readonly #open = new MinHeap();
  readonly #spares: SparePages | null;
  readonly #end: number;
  #frontier = 0;

  constructor(
    stock: Stock | null,
    index: number,
    range: AddressRange,
    avoidBuggyIPs: boolean,
    spares: SparePages | null = null,
  ) {
    this.#spares = spares;
    this.stock = stock;
    this.index = index;
    this.family = familyOf(range.first);
    this.first = ipAddressToBigInt(range.first);
    this.last = ipAddressToBigInt(range.last);
    this.#base = (this.first >> SHIFT) << SHIFT;
    this.#end = Math.min(Number(((this.last - this.#base) >> SHIFT) + 1n), COUNTABLE);
    this.#avoided = avoidBuggyIPs && this.family === "IPv4" ? [0, PAGE_SIZE - 1] : [];
  }

  /** How many addresses it gives out. */
  get usable(): bigint {
    const avoided = this.#avoided.map((octet) => endingIn(BigInt(octet), this.first, this.last));
    return this.last - this.first + 1n - avoided.reduce((sum, count) => sum + count, 0n);
  }

  /** The lowest free address, without taking it; null when there is none. */
  lowest(): Place | null {
    for (let index = this.#open.peek(); index !== undefined; index = this.#open.peek()) {
      const page = this.#page(index);
      const slot = page.lowest();
      if (slot >= 0) return { page, slot, address: page.addressAt(slot) };
      page.queued = false;
      this.#open.pop();
    }
    while (this.#frontier < this.#end) {
      const page = this.#page(this.#frontier++);
      const slot = page.lowest();
      if (slot < 0) continue;
      this.#queue(page);
      return { page, slot, address: page.addressAt(slot) };
    }
    return null;
  }

  /** Where the address of `value` is kept; null for one that is avoided. */
  at(value: bigint, address: IpAddress): Place | null {
    const offset = value - this.#base;
    const slot = Number(offset & 0xffn);
    if (this.#avoided.includes(slot)) return null;
    const index = offset >> SHIFT;
    return { page: this.#page(index < COUNTABLE ? Number(index) : index), slot, address };
  }

  /** Marks an address as free for anybody. */
  free({ page, slot }: Place): void {
    page.free(slot);
    if (page.index >= this.#frontier) this.#spares?.add(page);
    else if (!page.queued) this.#queue(page);
  }

  /** Forgets a page that is as it was made, unless the frontier has passed it. */
  drop(page: Page): void {
    if (page.index >= this.#frontier && this.#pages.get(page.index) === page) this.#pages.delete(page.index);
  }

  /** Every page made so far. */
  get pages(): Iterable<Page> {
    return this.#pages.values();
  }

  #queue(page: Page): void {
    page.queued = true;
    this.#open.push(page.index as number);
  }

  #page(index: number | bigint): Page {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    const first = this.#base + (BigInt(index) << SHIFT);
    const page = new Page(this, index, first);
    const from = first < this.first ? Number(this.first - first) : 0;
    const to = first + BigInt(PAGE_SIZE) > this.last ? Number(this.last - first) : PAGE_SIZE - 1;
    for (let slot = from; slot <= to; slot++) if (!this.#avoided.includes(slot)) page.free(slot);
    this.#pages.set(index, page);
    if (index >= this.#frontier) this.#spares?.add(page);
    return page.finish();
  }
}

/** How many integers from `first` to `last` are `octet` modulo 256. */
function endingIn(octet: bigint, first: bigint, last: bigint): bigint {
  const below = (limit: bigint): bigint => (limit < octet ? 0n : (limit - octet) / 256n + 1n);
  return below(last) - below(first - 1n);
}
