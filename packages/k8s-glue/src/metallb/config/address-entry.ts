import {
  addressBits,
  type AddressRange,
  compareIpAddresses,
  err,
  familyOf,
  ipAddressToBigInt,
  ok,
  parseIpAddress,
  parsePrefix,
  prefixFirst,
  prefixLast,
  type Result,
} from "@herald-lb/sansio";
import type { IssueCode } from "./issue.ts";

/** One entry of a pool's `spec.addresses`. */
export interface AddressEntry {
  readonly range: AddressRange;
  /** The prefix length of the widest of the fewest blocks that make up the entry. */
  readonly shortestPrefix: number;
}

/** The reason why an entry cannot be read. */
export interface AddressEntryError {
  readonly code: Extract<IssueCode, "BadAddress" | "ReversedRange" | "MixedFamilies">;
  readonly message: string;
}

/** Reads `192.0.2.0/24`, whose host bits are masked off, or `192.0.2.10-192.0.2.20`; spaces around both ends are ignored. */
export function parseAddressEntry(text: string): Result<AddressEntry, AddressEntryError> {
  const dash = text.indexOf("-");
  if (dash < 0) {
    const prefix = parsePrefix(text.trim());
    if (!prefix.ok) {
      return err({
        code: "BadAddress",
        message: `"${text}" is neither a block, for example 192.0.2.0/24, nor a range`,
      });
    }
    const range = { first: prefixFirst(prefix.value), last: prefixLast(prefix.value) };
    return ok({ range, shortestPrefix: Number(prefix.value.slice(prefix.value.indexOf("/") + 1)) });
  }
  const first = parseIpAddress(text.slice(0, dash).trim());
  const last = parseIpAddress(text.slice(dash + 1).trim());
  if (!first.ok || !last.ok) {
    const which = first.ok ? "end" : "start";
    return err({ code: "BadAddress", message: `"${text}" is a range whose ${which} is not an IP address` });
  }
  if (familyOf(first.value) !== familyOf(last.value)) {
    return err({ code: "MixedFamilies", message: `"${text}" starts and ends in different address families` });
  }
  if (compareIpAddresses(first.value, last.value) > 0) {
    return err({ code: "ReversedRange", message: `"${text}" ends before it starts` });
  }
  const range = { first: first.value, last: last.value };
  return ok({ range, shortestPrefix: shortestPrefixOf(range) });
}

/** The prefix length of the widest of the fewest blocks that make up a range. */
export function shortestPrefixOf({ first, last }: AddressRange): number {
  const bits = addressBits(familyOf(first));
  const end = ipAddressToBigInt(last);
  let shortest: number = bits;
  for (let start = ipAddressToBigInt(first); start <= end; ) {
    let host = 0;
    while (host < bits && start % (2n << BigInt(host)) === 0n && start + (2n << BigInt(host)) - 1n <= end) host++;
    shortest = Math.min(shortest, bits - host);
    start += 1n << BigInt(host);
  }
  return shortest;
}
