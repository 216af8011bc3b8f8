import type { Pool } from "@herald-lb/allocator";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import type { AddressRange } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import type { Requesters } from "./configuration.ts";
import { joined } from "./disjoint-ranges.ts";
import { noteAllExcluded, readExcluded } from "./excluded-addresses.ts";
import { findHostAddresses } from "./host-address-issues.ts";
import type { HostAddresses } from "./host-addresses.ts";
import type { IssueCollector } from "./issue-collector.ts";
import { readReservations } from "./read-reservations.ts";

/** Reads how a pool gives its addresses, and which of them not; a field that cannot be read has no effect, the rest of the pool serves. */
export function readPoolPolicy(
  spec: IPAddressPoolSpec,
  ranges: readonly AddressRange[],
  hostAddresses: HostAddresses,
  report: IssueCollector,
): Omit<Pool, "name" | "ranges"> {
  const { avoidBuggyIPs, allocationOrder, sticky, maxAddressesPerNamespace, tenancy } = spec;
  const own = joined(ranges);
  const written = readExcluded(spec.excludeAddresses ?? [], own, report);
  const excluded = [...written, ...findHostAddresses(own, joined(written), hostAddresses, report)];
  const gone = joined(excluded);
  noteAllExcluded(ranges, gone, report);
  const reservations = readReservations(
    spec.reservations ?? [],
    { ranges: own, excluded: gone, avoidBuggyIPs },
    report,
  );
  const coolDown = readCoolDown(spec.coolDown, report);
  return {
    avoidBuggyIPs,
    ...(excluded.length === 0 ? {} : { excluded }),
    ...(reservations.length === 0 ? {} : { reservations }),
    ...(allocationOrder === undefined ? {} : { order: allocationOrder }),
    ...(coolDown === null ? {} : { coolDown }),
    ...(sticky === undefined ? {} : { sticky }),
    ...(maxAddressesPerNamespace === undefined ? {} : { maxPerAccount: maxAddressesPerNamespace }),
    ...(tenancy === undefined ? {} : { sharedAcrossAccounts: tenancy.sharing === "Cluster" }),
  };
}

/** Reads who may request a pool; null where it does not say. */
export function readRequesters({ tenancy }: IPAddressPoolSpec, report: IssueCollector): Requesters | null {
  if (tenancy === undefined) return null;
  const path = "spec.tenancy";
  return {
    namespaces: report.unique(`${path}.namespaces`, tenancy.namespaces ?? []),
    namespaceSelectors: report.selectors(`${path}.namespaceSelectors`, tenancy.namespaceSelectors),
  };
}

function readCoolDown(text: string | undefined, report: IssueCollector): number | null {
  if (text === undefined) return null;
  const duration = parseGoDuration(text);
  if (duration !== null && duration >= 0 && Number.isFinite(duration)) return duration;
  report.partial("spec.coolDown", "BadDuration", `"${text}" is no duration such as 10m`, { text });
  return null;
}
