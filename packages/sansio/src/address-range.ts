import {
  compareIpAddresses,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
} from "./ip-address.ts";
import { type IpPrefix, prefixFirst, prefixLast } from "./prefix.ts";

/** An inclusive range of addresses of one family; `first` is not above `last`. */
export interface AddressRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

/** The bounds of a range as unsigned integers, both inclusive. */
export interface RangeBounds {
  readonly start: bigint;
  readonly end: bigint;
}

/** The range between two unsigned integers, both inclusive; values outside the family's width are a bug of the caller and throw. */
export function rangeOfBounds(family: IpFamily, { start, end }: RangeBounds): AddressRange {
  return { first: ipAddressFromBigInt(family, start), last: ipAddressFromBigInt(family, end) };
}

/** The bounds of a range. */
export function rangeBounds({ first, last }: AddressRange): RangeBounds {
  return { start: ipAddressToBigInt(first), end: ipAddressToBigInt(last) };
}

/** The range of all addresses of a prefix. */
export function rangeOfPrefix(prefix: IpPrefix): AddressRange {
  return { first: prefixFirst(prefix), last: prefixLast(prefix) };
}

/** The number of addresses in a range, at least 1. */
export function rangeSize(range: AddressRange): bigint {
  const { start, end } = rangeBounds(range);
  return end - start + 1n;
}

/** True if the address lies in the range; an address of the other family never does. */
export function rangeContains({ first, last }: AddressRange, address: IpAddress): boolean {
  return compareIpAddresses(first, address) <= 0 && compareIpAddresses(address, last) <= 0;
}

/** True if two ranges share an address; ranges of different families never do. */
export function rangesOverlap(a: AddressRange, b: AddressRange): boolean {
  return compareIpAddresses(a.first, b.last) <= 0 && compareIpAddresses(b.first, a.last) <= 0;
}

/** Orders ranges by their first address, IPv4 before IPv6. */
export function compareRanges(a: AddressRange, b: AddressRange): number {
  return compareIpAddresses(a.first, b.first);
}

/** The addresses of a range that are in none of `taken`, as ranges in ascending order. `taken` may be in any order and overlap. */
export function subtractRanges(range: AddressRange, taken: readonly AddressRange[]): readonly AddressRange[] {
  const family = familyOf(range.first);
  const { start, end } = rangeBounds(range);
  const remaining: AddressRange[] = [];
  let next = start;
  for (const hole of taken.filter((each) => rangesOverlap(range, each)).toSorted(compareRanges)) {
    const bounds = rangeBounds(hole);
    if (bounds.start > next) remaining.push(rangeOfBounds(family, { start: next, end: bounds.start - 1n }));
    if (bounds.end >= next) next = bounds.end + 1n;
  }
  if (next <= end) remaining.push(rangeOfBounds(family, { start: next, end }));
  return remaining;
}

/** The union of ranges as the fewest ranges, in ascending order: those that overlap or adjoin become one. */
export function mergeRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const merged: AddressRange[] = [];
  for (const range of ranges.toSorted(compareRanges)) {
    const previous = merged.at(-1);
    if (previous === undefined || !reaches(previous, range)) merged.push(range);
    else if (compareIpAddresses(previous.last, range.last) < 0) {
      merged[merged.length - 1] = { first: previous.first, last: range.last };
    }
  }
  return merged;
}

/** True if `next`, which does not begin before `range`, overlaps or adjoins it. */
function reaches(range: AddressRange, next: AddressRange): boolean {
  if (familyOf(range.first) !== familyOf(next.first)) return false;
  return ipAddressToBigInt(next.first) <= ipAddressToBigInt(range.last) + 1n;
}
