import { type AddressRange, familyOf, parseIpAddress, subtractRanges } from "@herald-lb/sansio";
import { parseAddressEntry } from "./address-entry.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { RangeSet } from "./range-set.ts";

const path = "spec.excludeAddresses";

/**
 * Reads the addresses that a pool never assigns. An entry that cannot be read is skipped; one that overlaps none of `ranges` is
 * noted, since it may be a mistake.
 */
export function readExcluded(
  texts: readonly string[],
  ranges: RangeSet,
  report: IssueCollector,
): readonly AddressRange[] {
  return texts.flatMap((text, at) => {
    const range = readRange(text, `${path}[${at}]`, report);
    if (range === null) return [];
    if (ranges.overlapping(range).length === 0) {
      report.note(`${path}[${at}]`, "OutsidePool", `"${text}" excludes nothing: the pool has none of its addresses`, {
        text,
      });
    }
    return [range];
  });
}

function readRange(text: string, where: string, report: IssueCollector): AddressRange | null {
  const single = parseIpAddress(text.trim());
  if (single.ok) return { first: single.value, last: single.value };
  const entry = parseAddressEntry(text);
  if (entry.ok) return entry.value.range;
  report.partial(where, entry.error.code, entry.error.message, { text });
  return null;
}

/** Notes each family of which a pool excludes all its addresses. */
export function noteAllExcluded(ranges: readonly AddressRange[], excluded: RangeSet, report: IssueCollector): void {
  const isCovered = (range: AddressRange): boolean => {
    const gone = excluded.overlapping(range).map((each) => each.range);
    return subtractRanges(range, gone).length === 0;
  };
  for (const family of new Set(ranges.map(({ first }) => familyOf(first)))) {
    if (!ranges.every((range) => familyOf(range.first) !== family || isCovered(range))) continue;
    report.note(path, "NoAddresses", `every ${family} address of the pool is excluded`, { family });
  }
}
