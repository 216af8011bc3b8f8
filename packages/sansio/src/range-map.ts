import { type AddressRange, rangeBounds, type RangeBounds } from "./address-range.ts";
import { familyOf, type IpAddress, type IpFamily, ipAddressToBigInt } from "./ip-address.ts";

/** One range of a `RangeMap` and its value. */
export interface RangeEntry<Value> {
  readonly range: AddressRange;
  readonly value: Value;
}

interface BoundedEntry<Value> extends RangeEntry<Value>, RangeBounds {}

/** A map from disjoint address ranges of either family to values. A look-up is O(log n), an insertion O(n) at worst. */
export class RangeMap<Value> implements Iterable<RangeEntry<Value>> {
  readonly #entries: Readonly<Record<IpFamily, BoundedEntry<Value>[]>> = { IPv4: [], IPv6: [] };

  /** Inserts a range, which must not overlap any that is in the map: the caller makes sure. */
  insert(range: AddressRange, value: Value): void {
    const bounds = rangeBounds(range);
    const entries = this.#entries[familyOf(range.first)];
    entries.splice(indexAfter(entries, bounds.start), 0, { range, value, ...bounds });
  }

  /** The entry whose range contains an address; null if none does. */
  find(address: IpAddress): RangeEntry<Value> | null {
    const entries = this.#entries[familyOf(address)];
    const offset = ipAddressToBigInt(address);
    const entry = entries[indexAfter(entries, offset) - 1];
    return entry !== undefined && offset <= entry.end ? entry : null;
  }

  /** True if a range of the map contains the address. */
  has(address: IpAddress): boolean {
    return this.find(address) !== null;
  }

  /** The entries that overlap a range, in ascending order. */
  overlapping(range: AddressRange): readonly RangeEntry<Value>[] {
    const { start, end } = rangeBounds(range);
    const entries = this.#entries[familyOf(range.first)];
    const found: RangeEntry<Value>[] = [];
    for (let at = Math.max(0, indexAfter(entries, start) - 1); at < entries.length; at++) {
      const entry = entries[at] as BoundedEntry<Value>;
      if (entry.start > end) break;
      if (entry.end >= start) found.push(entry);
    }
    return found;
  }

  /** Every entry, in ascending order, IPv4 before IPv6. */
  *[Symbol.iterator](): Iterator<RangeEntry<Value>> {
    yield* this.#entries.IPv4;
    yield* this.#entries.IPv6;
  }
}

/** The index of the first entry that starts above `offset`, found by bisection. */
function indexAfter(entries: readonly RangeBounds[], offset: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as RangeBounds).start <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
