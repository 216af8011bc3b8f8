import { type AddressRange, mergeRanges, RangeMap } from "@herald-lb/sansio";

/** A set of addresses, given by ranges. */
export type RangeSet = Pick<RangeMap<unknown>, "has" | "overlapping">;

/** The set of the addresses of ranges, which may overlap. */
export function rangeSetOf(ranges: readonly AddressRange[]): RangeSet {
  const set = new RangeMap<null>();
  for (const range of mergeRanges(ranges)) set.insert(range, null);
  return set;
}
