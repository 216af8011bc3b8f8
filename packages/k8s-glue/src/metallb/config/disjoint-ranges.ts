import {
  type AddressRange,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
} from "@herald-lb/sansio";

/** One of the ranges, and what it was put in with. */
export interface OwnedRange<Owner> {
  readonly range: AddressRange;
  readonly owner: Owner;
}

interface Entry<Owner> extends OwnedRange<Owner> {
  readonly start: bigint;
  readonly end: bigint;
}

/** Ranges of either family of which no two share an address, found by address. */
export class DisjointRanges<Owner> {
  readonly #entries: Readonly<Record<IpFamily, Entry<Owner>[]>> = { IPv4: [], IPv6: [] };

  /** Puts a range in, which must share no address with any that is in. */
  add(range: AddressRange, owner: Owner): void {
    const start = ipAddressToBigInt(range.first);
    const entries = this.#entries[familyOf(range.first)];
    entries.splice(firstAfter(entries, start), 0, { range, owner, start, end: ipAddressToBigInt(range.last) });
  }

  /** Puts in what `other` has. */
  addAll(other: DisjointRanges<Owner>): void {
    for (const entries of Object.values(other.#entries)) {
      for (const { range, owner } of entries) this.add(range, owner);
    }
  }

  /** Those that share an address with a range, in the order of addresses. */
  overlapping({ first, last }: AddressRange): readonly OwnedRange<Owner>[] {
    const entries = this.#entries[familyOf(first)];
    const start = ipAddressToBigInt(first);
    const end = ipAddressToBigInt(last);
    const from = Math.max(0, firstAfter(entries, start) - 1);
    const found: OwnedRange<Owner>[] = [];
    for (let at = from; at < entries.length; at++) {
      const entry = entries[at];
      if (entry === undefined || entry.start > end) break;
      if (entry.end >= start) found.push(entry);
    }
    return found;
  }

  /** Whether an address is in one of them. */
  has(address: IpAddress): boolean {
    return this.overlapping({ first: address, last: address }).length > 0;
  }
}

/** Ranges that may share addresses, joined where they do or are next to each other. */
export function joined(ranges: readonly AddressRange[]): DisjointRanges<null> {
  const result = new DisjointRanges<null>();
  for (const family of ["IPv4", "IPv6"] as const) {
    const sorted = ranges
      .filter(({ first }) => familyOf(first) === family)
      .map(({ first, last }) => ({ start: ipAddressToBigInt(first), end: ipAddressToBigInt(last) }))
      .toSorted((a, b) => (a.start < b.start ? -1 : 1));
    let open: { start: bigint; end: bigint } | null = null;
    for (const { start, end } of sorted) {
      if (open !== null && start <= open.end + 1n) {
        if (end > open.end) open.end = end;
        continue;
      }
      if (open !== null) result.add(rangeOf(family, open.start, open.end), null);
      open = { start, end };
    }
    if (open !== null) result.add(rangeOf(family, open.start, open.end), null);
  }
  return result;
}

/** What is left of a range without others, which are in the order of addresses and disjoint. */
export function rangeWithout(range: AddressRange, taken: readonly AddressRange[]): readonly AddressRange[] {
  const family = familyOf(range.first);
  const end = ipAddressToBigInt(range.last);
  const left: AddressRange[] = [];
  let next = ipAddressToBigInt(range.first);
  for (const { first, last } of taken) {
    const start = ipAddressToBigInt(first);
    if (next < start) left.push(rangeOf(family, next, start - 1n));
    const after = ipAddressToBigInt(last) + 1n;
    if (after > next) next = after;
  }
  if (next <= end) left.push(rangeOf(family, next, end));
  return left;
}

function rangeOf(family: IpFamily, start: bigint, end: bigint): AddressRange {
  return { first: ipAddressFromBigInt(family, start), last: ipAddressFromBigInt(family, end) };
}

/** Index of the first entry that starts after `start`. */
function firstAfter(entries: readonly Entry<unknown>[], start: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.start ?? 0n) <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}
