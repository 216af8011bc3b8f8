import { familyOf, type IpAddress, ipAddressFromBigInt, ipAddressToBigInt, type IpFamily } from "@herald-lb/sansio";
import type { SharingTerms } from "../sharing.ts";

/** The number of addresses in a page. Pages are aligned to it, so that the addresses of one page differ only in their last octet. */
export const PAGE_SIZE = 256;

const WORDS = PAGE_SIZE / 32;
const noHolders: readonly SharingTerms[] = [];

/** The place of a page: which pool family it belongs to, and where in that family's ranges it lies. */
export interface PagePosition<PoolFamily> {
  /** The pool family that assigns the addresses of the page; null for addresses that no pool assigns any more. */
  readonly poolFamily: PoolFamily;
  readonly family: IpFamily;
  /** The number of ranges before the page's range in the pool family. */
  readonly rangeIndex: number;
  /** The number of pages before it in its range; a bigint from 2^45 on. */
  readonly index: number | bigint;
  /** The value of its first address. */
  readonly first: bigint;
}

/** A bitmap of 256 neighbouring addresses, one bit for each that is free, and the holders of each address. */
export class BitmapPage<PoolFamily> {
  readonly position: PagePosition<PoolFamily>;
  /** True while the range has the page in its heap of pages with a free address. */
  isQueued = false;
  /** The number of releases that refer to the page. */
  releases = 0;
  #freeCount = 0;
  #usableCount = 0;
  readonly #text: PageText;
  readonly #free: Int32Array = new Int32Array(WORDS);
  readonly #holders: (SharingTerms | readonly SharingTerms[] | undefined)[] = Array.from({ length: PAGE_SIZE });

  /** A page in which no address is free yet. */
  constructor(position: PagePosition<PoolFamily>) {
    this.position = position;
    this.#text = textFrom(position.family, position.first);
  }

  /** Ends the construction: the addresses that are free now are those that the page can assign. */
  seal(): this {
    this.#usableCount = this.#freeCount;
    return this;
  }

  /** True while the page is as it was constructed: no address is held, reserved, or named by a release. */
  get isPristine(): boolean {
    return this.#freeCount === this.#usableCount && this.releases === 0;
  }

  /** True while any address is free. */
  get hasFree(): boolean {
    return this.#freeCount > 0;
  }

  /** The slot of an index from 0 to 255. */
  slotAt(index: number): AddressSlot<PoolFamily> {
    return new AddressSlot(this, index, this.#addressAt(index));
  }

  /** The lowest index that is free and not in one of the slots `taken`; -1 if there is none. */
  lowestFree(taken: readonly AddressSlot<unknown>[]): number {
    for (let at = 0; at < WORDS; at++) {
      let word = this.#free[at] as number;
      if (word === 0) continue;
      for (const { page, index } of taken) if (page === this && index >> 5 === at) word &= ~(1 << (index & 31));
      if (word !== 0) return at * 32 + 31 - Math.clz32(word & -word);
    }
    return -1;
  }

  /** True if the address of an index is free: any service may be given it. */
  isFree(index: number): boolean {
    return ((this.#free[index >> 5] as number) & (1 << (index & 31))) !== 0;
  }

  /** Sets the bit of an index: its address is free. */
  setFree(index: number): void {
    if (!this.isFree(index)) this.#freeCount++;
    (this.#free[index >> 5] as number) |= 1 << (index & 31);
  }

  /** Clears the bit of an index. Returns true if it was set. */
  clearFree(index: number): boolean {
    const wasFree = this.isFree(index);
    if (wasFree) this.#freeCount--;
    (this.#free[index >> 5] as number) &= ~(1 << (index & 31));
    return wasFree;
  }

  /** True while a service holds the address of an index. */
  isHeld(index: number): boolean {
    return this.#holders[index] !== undefined;
  }

  /** The holders of an index, in the order in which they came. */
  holdersAt(index: number): readonly SharingTerms[] {
    const holders = this.#holders[index];
    if (holders === undefined) return noHolders;
    return isList(holders) ? holders : [holders];
  }

  /** Adds a holder that is not there yet. Returns true if it is the first. */
  addHolder(index: number, holder: SharingTerms): boolean {
    const holders = this.#holders[index];
    this.#holders[index] = holders === undefined ? holder : [...this.holdersAt(index), holder];
    return holders === undefined;
  }

  /** Replaces one holder by another. */
  replaceHolder(index: number, before: SharingTerms, after: SharingTerms): void {
    const holders = this.holdersAt(index).map((holder) => (holder === before ? after : holder));
    this.#holders[index] = holders.length === 1 ? holders[0] : holders;
  }

  /** Removes a holder. Returns true if it was the last. */
  removeHolder(index: number, holder: SharingTerms): boolean {
    if (this.#holders[index] === holder) {
      this.#holders[index] = undefined;
      return true;
    }
    const others = this.holdersAt(index).filter((other) => other !== holder);
    this.#holders[index] = others.length > 1 ? others : others[0];
    return others.length === 0;
  }

  /** The slots that services hold. */
  *heldSlots(): Iterable<AddressSlot<PoolFamily>> {
    for (let index = 0; index < PAGE_SIZE; index++) if (this.isHeld(index)) yield this.slotAt(index);
  }

  #addressAt(index: number): IpAddress {
    const { head, base, radix } = this.#text;
    const { family, first } = this.position;
    const last = base + index;
    if (head === null || last === 0) return ipAddressFromBigInt(family, first + BigInt(index));
    return (head + last.toString(radix)) as IpAddress;
  }
}

/** One address and its position in a page: found without a look-up, and the same object for as long as a service holds it. */
export class AddressSlot<PoolFamily> {
  readonly page: BitmapPage<PoolFamily>;
  /** The position in the page, 0 to 255. */
  readonly index: number;
  readonly address: IpAddress;

  constructor(page: BitmapPage<PoolFamily>, index: number, address: IpAddress) {
    this.page = page;
    this.index = index;
    this.address = address;
  }

  /** The pool family that assigns the address; null for one that no pool assigns any more. */
  get poolFamily(): PoolFamily {
    return this.page.position.poolFamily;
  }

  /** The family of the address. */
  get family(): IpFamily {
    return this.page.position.family;
  }

  /** The services that hold the address, in the order in which they came. */
  get holders(): readonly SharingTerms[] {
    return this.page.holdersAt(this.index);
  }

  /** True while any service holds the address. */
  get isHeld(): boolean {
    return this.page.isHeld(this.index);
  }
}

/** A slot of an address outside every range, on a page of its own on which nothing is free. */
export function detachedSlot(address: IpAddress): AddressSlot<null> {
  const value = ipAddressToBigInt(address);
  const index = Number(value % BigInt(PAGE_SIZE));
  const first = value - BigInt(index);
  const page = new BitmapPage({ poolFamily: null, family: familyOf(address), rangeIndex: 0, index: 0, first });
  return new AddressSlot(page, index, address);
}

function isList(holders: SharingTerms | readonly SharingTerms[]): holders is readonly SharingTerms[] {
  return Array.isArray(holders);
}

/**
 * The common part of the texts of a page's addresses: `head` is everything before the last part, `base` the value of the last part at
 * index 0. The form of RFC 5952 §4 depends on which groups are zero, so that a last group of zero is written as a whole address; where
 * the last part is written in another way (RFC 5952 §5), `head` is null.
 */
interface PageText {
  readonly head: string | null;
  readonly base: number;
  readonly radix: 10 | 16;
}

function textFrom(family: IpFamily, first: bigint): PageText {
  const text: string = ipAddressFromBigInt(family, first + 1n);
  if (family === "IPv4") return { head: text.slice(0, text.lastIndexOf(".") + 1), base: 0, radix: 10 };
  const head = text.includes(".") ? null : text.slice(0, text.lastIndexOf(":") + 1);
  return { head, base: Number(first & 0xffffn), radix: 16 };
}
