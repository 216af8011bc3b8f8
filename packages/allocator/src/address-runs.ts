import { type AddressRange, familyOf, ipAddressFromBigInt, ipAddressToBigInt } from "@herald-lb/sansio";

/** Something that spans neighbouring addresses, by their values. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** The addresses of a range as values. */
export function spanOf(range: AddressRange): Span {
  return { first: ipAddressToBigInt(range.first), last: ipAddressToBigInt(range.last) };
}

/** Finds the span that holds a value, among spans in ascending order that do not overlap. */
export function spanning<Found extends Span>(spans: readonly Found[], value: bigint): Found | null {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle] as Found;
    if (value < span.first) high = middle - 1;
    else if (value > span.last) low = middle + 1;
    else return span;
  }
  return null;
}

/** Orders spans by where they begin. */
export function bySpan(a: Span, b: Span): number {
  return a.first < b.first ? -1 : 1;
}

/** What is left of a range without others, in ascending order. */
export function without(range: AddressRange, excluded: readonly AddressRange[]): readonly AddressRange[] {
  const family = familyOf(range.first);
  const gaps = excluded.filter(({ first }) => familyOf(first) === family).map(spanOf);
  const left: AddressRange[] = [];
  let { first, last } = spanOf(range);
  const keep = (to: bigint): void => {
    if (first <= to) left.push({ first: ipAddressFromBigInt(family, first), last: ipAddressFromBigInt(family, to) });
  };
  for (const gap of gaps.toSorted(bySpan)) {
    if (gap.first > last) break;
    if (gap.first > first) keep(gap.first - 1n);
    if (gap.last >= first) first = gap.last + 1n;
  }
  keep(last);
  return left;
}
