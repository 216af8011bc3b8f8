import type { AddressRange } from "@herald-lb/sansio";
import type { HostAddresses } from "./host-addresses.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { RangeSet } from "./range-set.ts";

/**
 * Notes the addresses of Nodes and gateways that a pool could assign to a Service, which would take them over; excluded addresses
 * cannot be assigned. Returns the addresses that the policy excludes.
 */
export function findHostAddresses(
  ranges: RangeSet,
  excluded: RangeSet,
  { hosts, policy }: HostAddresses,
  report: IssueCollector,
): readonly AddressRange[] {
  if (policy === "Ignore") return [];
  const spanned = hosts.filter(({ address }) => ranges.has(address) && !excluded.has(address));
  for (const { address, kind, name } of spanned) {
    const whose = kind === "Node" ? `Node "${name}"` : `gateway "${name}"`;
    const then =
      policy === "Refuse" ? "it is never assigned" : "a Service may be assigned it; excludeAddresses prevents that";
    report.note("spec.addresses", "HostAddress", `${address} is an address of ${whose}; ${then}`, { address, name });
  }
  return policy === "Refuse" ? spanned.map(({ address }) => ({ first: address, last: address })) : [];
}
