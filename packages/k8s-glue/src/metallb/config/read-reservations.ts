import type { Reservation } from "@herald-lb/allocator";
import { type IpAddress, isBuggyIpv4, parseIpAddress } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import { nothingUnread } from "./fields.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { RangeSet } from "./range-set.ts";

/** The addresses of a pool: those within `ranges` that are not in `excluded`. */
export interface PoolExtent {
  readonly ranges: RangeSet;
  readonly excluded: RangeSet;
  readonly avoidBuggyIPs: boolean;
}

/**
 * Reads the reservations of a pool, one entry for each Service. An address that the pool cannot assign, or that is reserved for
 * another Service, is skipped and reported.
 */
export function readReservations(
  list: NonNullable<IPAddressPoolSpec["reservations"]>,
  extent: PoolExtent,
  report: IssueCollector,
): readonly Reservation[] {
  const holders = new Map<IpAddress, string>();
  for (const [at, { namespace, name, addresses, ...rest }] of list.entries()) {
    nothingUnread(rest);
    const service = `${namespace}/${name}`;
    for (const [index, text] of addresses.entries()) {
      const path = `spec.reservations[${at}].addresses[${index}]`;
      const address = readAddress(text, path, report);
      if (address === null || !canBeGiven(address, service, extent, path, report)) continue;
      const before = holders.get(address);
      if (before === undefined) holders.set(address, service);
      else if (before === service) report.note(path, "Duplicate", `${address} is reserved for "${service}" already`);
      else {
        const facts = { address, service, by: before };
        report.partial(
          path,
          "Duplicate",
          `${address} is reserved for "${before}" already, not for "${service}"`,
          facts,
        );
      }
    }
  }
  const byService = Map.groupBy(holders, ([, service]) => service);
  return [...byService].map(([service, entries]) => ({ service, addresses: entries.map(([address]) => address) }));
}

function readAddress(text: string, path: string, report: IssueCollector): IpAddress | null {
  const address = parseIpAddress(text.trim().replace(text.includes(":") ? /\/128$/ : /\/32$/, ""));
  if (address.ok) return address.value;
  report.partial(path, "BadAddress", `"${text}" is not an address`, { text });
  return null;
}

function canBeGiven(
  address: IpAddress,
  service: string,
  { ranges, excluded, avoidBuggyIPs }: PoolExtent,
  path: string,
  report: IssueCollector,
): boolean {
  const why = !ranges.has(address)
    ? "is outside the pool"
    : excluded.has(address)
      ? "is excluded from the pool"
      : avoidBuggyIPs && isBuggyIpv4(address)
        ? "ends in 0 or 255, and avoidBuggyIPs is set"
        : null;
  if (why === null) return true;
  report.partial(path, "OutsidePool", `${address} ${why}; it cannot be reserved for "${service}"`, {
    address,
    service,
  });
  return false;
}
