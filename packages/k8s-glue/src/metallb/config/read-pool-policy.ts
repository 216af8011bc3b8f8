import type { Pool } from "@herald-lb/allocator";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import type { AddressRange } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import type { Requesters } from "./configuration.ts";
import { noteAllExcluded, readExcluded } from "./excluded-addresses.ts";
import { nothingUnread, presentFields } from "./fields.ts";
import { findHostAddresses } from "./host-address-issues.ts";
import type { HostAddresses } from "./host-addresses.ts";
import type { IssueCollector } from "./issue-collector.ts";
import { rangeSetOf } from "./range-set.ts";
import { readReservations } from "./read-reservations.ts";

/** The fields of a pool's spec that govern the assignment of its addresses. */
type PolicySpec = Omit<IPAddressPoolSpec, "addresses" | "autoAssign" | "serviceAllocation" | "onAddressConflict">;

/** The options of a pool that its spec decides. Which addresses are occupied, the speakers tell. */
type PoolPolicy = Omit<Pool, "name" | "ranges" | "occupied">;

/** The fields of `spec.tenancy` that select who may request a pool; `sharing` belongs to its policy. */
type TenancySpec = Omit<NonNullable<IPAddressPoolSpec["tenancy"]>, "sharing">;

/** Reads the policy of a pool. A field that cannot be read has no effect; the rest of the pool does. */
export function readPoolPolicy(
  spec: PolicySpec,
  ranges: readonly AddressRange[],
  hostAddresses: HostAddresses,
  report: IssueCollector,
): PoolPolicy {
  const { avoidBuggyIPs, excludeAddresses, reservations, ...options } = spec;
  const { allocationOrder, coolDown, sticky, maxAddressesPerNamespace, tenancy, ...rest } = options;
  nothingUnread(rest);
  const own = rangeSetOf(ranges);
  const written = readExcluded(excludeAddresses ?? [], own, report);
  const excluded = [...written, ...findHostAddresses(own, rangeSetOf(written), hostAddresses, report)];
  const excludedSet = rangeSetOf(excluded);
  noteAllExcluded(ranges, excludedSet, report);
  const extent = { ranges: own, excluded: excludedSet, avoidBuggyIPs };
  return presentFields<PoolPolicy>({
    avoidBuggyIPs,
    excluded: unlessEmpty(excluded),
    reservations: unlessEmpty(readReservations(reservations ?? [], extent, report)),
    order: allocationOrder,
    coolDown: readCoolDown(coolDown, report),
    sticky,
    maxPerAccount: maxAddressesPerNamespace,
    sharedAcrossAccounts: tenancy === undefined ? undefined : tenancy.sharing === "Cluster",
  });
}

/** Reads the namespaces that may request a pool; null without a tenancy. */
export function readRequesters(tenancy: TenancySpec | undefined, report: IssueCollector): Requesters | null {
  if (tenancy === undefined) return null;
  const { namespaces = [], namespaceSelectors, ...rest } = tenancy;
  nothingUnread(rest);
  const path = "spec.tenancy";
  return {
    namespaces: report.unique(`${path}.namespaces`, namespaces),
    namespaceSelectors: report.selectors(`${path}.namespaceSelectors`, namespaceSelectors),
  };
}

function unlessEmpty<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** The cool-down in milliseconds; undefined where there is none or it cannot be read. */
function readCoolDown(text: string | undefined, report: IssueCollector): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseGoDuration(text);
  if (duration !== null && duration >= 0 && Number.isFinite(duration)) return duration;
  report.partial("spec.coolDown", "BadDuration", `"${text}" is not a duration, for example 10m`, { text });
  return undefined;
}
