import type { AddressRange } from "@herald-lb/allocator";
import { compareIpAddresses, familyOf, ipAddressToBigInt, parseIpAddress } from "@herald-lb/sansio";
import { parseAddressEntry } from "./address-entry.ts";
import type { Faults } from "./faults.ts";
import { rangesOverlap } from "./overlap.ts";

const path = "spec.excludeAddresses";

/** Reads what a pool never gives. An entry that cannot be read is left out; one that meets none of `ranges` is noted: it may be a slip. */
export function readExcluded(
  texts: readonly string[],
  ranges: readonly AddressRange[],
  faults: Faults,
): readonly AddressRange[] {
  return texts.flatMap((text, at) => {
    const range = readRange(text, `${path}[${at}]`, faults);
    if (range === null) return [];
    if (!ranges.some((part) => rangesOverlap(part, range))) {
      faults.note(`${path}[${at}]`, "OutsidePool", `"${text}" excludes nothing: it is outside the pool`, { text });
    }
    return [range];
  });
}

function readRange(text: string, where: string, faults: Faults): AddressRange | null {
  const single = parseIpAddress(text.trim());
  if (single.ok) return { first: single.value, last: single.value };
  const entry = parseAddressEntry(text);
  if (entry.ok) return entry.value.range;
  faults.partial(where, entry.error.code, entry.error.message, { text });
  return null;
}

/** Says of each family of which a pool excludes everything it has that nothing is left. */
export function noteNothingLeft(
  ranges: readonly AddressRange[],
  excluded: readonly AddressRange[],
  faults: Faults,
): void {
  const sorted = excluded.toSorted((a, b) => compareIpAddresses(a.first, b.first));
  for (const family of new Set(ranges.map(({ first }) => familyOf(first)))) {
    const own = ranges.filter(({ first }) => familyOf(first) === family);
    if (!own.every((range) => isCovered(range, sorted))) continue;
    faults.note(path, "NoAddresses", `every ${family} address of the pool is excluded`, { family });
  }
}

/** Whether ranges, in the order of their first addresses, hold every address of another between them. */
function isCovered({ first, last }: AddressRange, sorted: readonly AddressRange[]): boolean {
  const end = ipAddressToBigInt(last);
  let next = ipAddressToBigInt(first);
  for (const range of sorted) {
    if (familyOf(range.first) !== familyOf(first)) continue;
    if (ipAddressToBigInt(range.first) > next) break;
    const after = ipAddressToBigInt(range.last) + 1n;
    if (after > next) next = after;
  }
  return next > end;
}
