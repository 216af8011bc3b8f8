import { type IpAddress, ipAddressFromBigInt, type IpFamily } from "@herald-lb/sansio";
import type { Holder } from "./holder.ts";
import type { Run } from "./run.ts";

/** How many addresses a page has. Pages are aligned to it, so that the addresses of one differ in their last octet alone. */
export const PAGE_SIZE = 256;

const WORDS = PAGE_SIZE / 32;
const nobody: readonly Holder[] = [];

/** One address by where it is kept: reached without a look-up, and the same object for as long as somebody holds it. */
export interface Place {
  readonly page: Page;
  readonly slot: number;
  readonly address: IpAddress;
}

/** 256 neighbouring addresses of a run: who holds each, and which of them anybody may be given. */
export class Page {
  readonly run: Run;
  /** How many pages lie before it in its run; a bigint from 2^45 on. */
  readonly index: number | bigint;
  /** Whether the run has it in its heap of pages with a free address. */
  queued = false;
  /** How many partings refer to it. */
  partings = 0;
  #freeCount = 0;
  #usableCount = 0;
  readonly #first: bigint;
  readonly #text: PageText;
  readonly #free: Int32Array = new Int32Array(WORDS);
  readonly #holders: (Holder | readonly Holder[] | undefined)[] = Array.from({ length: PAGE_SIZE });

  /** A page that begins with the address of value `first`, and has no free slot yet. */
  constructor(run: Run, index: number | bigint, first: bigint) {
    this.run = run;
    this.index = index;
    this.#first = first;
    this.#text = textFrom(run.family, first);
  }

  /** Ends the making: what is free now is what the page gives out. */
  finish(): this {
    this.#usableCount = this.#freeCount;
    return this;
  }

  /** Whether nothing has become of it: nobody holds an address of it, keeps one, or is remembered for one. */
  get isAsMade(): boolean {
    return this.#freeCount === this.#usableCount && this.partings === 0;
  }

  /** The address of a slot. */
  addressAt(slot: number): IpAddress {
    const { head, base, radix } = this.#text;
    const last = base + slot;
    if (head === null || last === 0) return ipAddressFromBigInt(this.run.family, this.#first + BigInt(slot));
    return (head + last.toString(radix)) as IpAddress;
  }

  /** The lowest free slot; -1 when there is none. */
  lowest(): number {
    for (let at = 0; at < WORDS; at++) {
      const word = this.#free[at] as number;
      if (word !== 0) return at * 32 + 31 - Math.clz32(word & -word);
    }
    return -1;
  }

  /** Whether anybody may be given the slot. */
  isFree(slot: number): boolean {
    return ((this.#free[slot >> 5] as number) & (1 << (slot & 31))) !== 0;
  }

  /** Marks a slot as free for anybody. */
  free(slot: number): void {
    if (!this.isFree(slot)) this.#freeCount++;
    (this.#free[slot >> 5] as number) |= 1 << (slot & 31);
  }

  /** Marks a slot as not free. Says whether it was. */
  claim(slot: number): boolean {
    const was = this.isFree(slot);
    if (was) this.#freeCount--;
    (this.#free[slot >> 5] as number) &= ~(1 << (slot & 31));
    return was;
  }

  /** Whether anybody holds the slot. */
  isHeld(slot: number): boolean {
    return this.#holders[slot] !== undefined;
  }

  /** Everyone who holds the slot, in the order they came. */
  holdersAt(slot: number): readonly Holder[] {
    const holders = this.#holders[slot];
    if (holders === undefined) return nobody;
    return isMany(holders) ? holders : [holders];
  }

  /** Adds a holder, who is not there yet. Says whether it is the first. */
  add(slot: number, holder: Holder): boolean {
    const holders = this.#holders[slot];
    this.#holders[slot] = holders === undefined ? holder : [...this.holdersAt(slot), holder];
    return holders === undefined;
  }

  /** Puts one holder in the place of another. */
  replace(slot: number, before: Holder, after: Holder): void {
    const holders = this.holdersAt(slot).map((holder) => (holder === before ? after : holder));
    this.#holders[slot] = holders.length === 1 ? holders[0] : holders;
  }

  /** Takes a holder off. Says whether it was the last. */
  remove(slot: number, holder: Holder): boolean {
    if (this.#holders[slot] === holder) {
      this.#holders[slot] = undefined;
      return true;
    }
    const others = this.holdersAt(slot).filter((other) => other !== holder);
    this.#holders[slot] = others.length > 1 ? others : others[0];
    return others.length === 0;
  }

  /** Every slot that somebody holds. */
  *heldSlots(): Iterable<number> {
    for (let slot = 0; slot < PAGE_SIZE; slot++) if (this.isHeld(slot)) yield slot;
  }
}

function isMany(holders: Holder | readonly Holder[]): holders is readonly Holder[] {
  return Array.isArray(holders);
}

/**
 * What the texts of a page's addresses have in common: all before the last part, `head`, and the value of the last part in slot 0.
 * The form of RFC 5952 §4 depends on which groups are zero, so that a last group of zero is written whole; and where the last part
 * is written in another way (RFC 5952 §5), `head` is null.
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
