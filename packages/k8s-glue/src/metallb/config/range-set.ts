import { type AddressRange, mergeRanges, RangeMap } from "@herald-lb/sansio";

/** Addresses by the ranges that contain them. */
export type RangeSet = Pick<RangeMap<unknown>, "has" | "overlapping">;

/** The addresses of ranges that may overlap. */
export function rangeSetOf(ranges: readonly AddressRange[]): RangeSet {
  const set = new RangeMap<null>();
  for (const range of mergeRanges(ranges)) set.insert(range, null);
  return set;
}
