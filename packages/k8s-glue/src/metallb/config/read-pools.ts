import { byAge } from "@herald-lb/k8s-glue/objects";
import { type AddressRange, RangeMap, subtractRanges } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import { type AddressEntry, parseAddressEntry } from "./address-entry.ts";
import type { PoolConfiguration, ServiceAllocation } from "./configuration.ts";
import { nothingUnread } from "./fields.ts";
import type { HostAddresses } from "./host-addresses.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { ReadObject } from "./parse-object.ts";
import { readPoolPolicy, readRequesters } from "./read-pool-policy.ts";

/** The owner of a range: the pool, and the field of its entry. */
interface Owner {
  readonly by: IssueCollector;
  readonly path: string;
}

type Taken = RangeMap<Owner>;

/**
 * Reads pools, older ones first: addresses that an older pool or an earlier entry has are removed from the younger. An entry that
 * cannot be read is skipped: a mistake in one line does not take the addresses of the others away.
 */
export function readPools(
  objects: readonly ReadObject<IPAddressPoolSpec>[],
  hostAddresses: HostAddresses,
): readonly PoolConfiguration[] {
  const taken: Taken = new RangeMap();
  const pools: PoolConfiguration[] = [];
  for (const { spec, labels, report } of objects.toSorted((a, b) => byAge(a.report.object, b.report.object))) {
    const { name } = report.object;
    const { addresses, autoAssign, serviceAllocation, onAddressConflict, ...policy } = spec;
    const own: Taken = new RangeMap();
    const entries = readEntries(addresses, report).flatMap((entry) => {
      const left = cut(cut([entry], taken, report), own, report);
      for (const { range } of left) own.insert(range, { by: report, path: entry.path });
      return left;
    });
    const allocation = readAllocation(serviceAllocation, report);
    if (entries.length === 0) report.reject("spec.addresses", "NoAddresses", "pool has no addresses");
    if (report.rejected) continue;
    for (const { range, value } of own) taken.insert(range, value);
    const ranges = entries.map(({ range }) => range);
    pools.push({
      object: report.object,
      labels,
      pool: { name, ranges, ...readPoolPolicy(policy, ranges, hostAddresses, report) },
      shortestPrefixes: entries.map(({ shortestPrefix }) => shortestPrefix),
      autoAssign,
      allocation,
      requesters: readRequesters(policy.tenancy, report),
      replacesConflicting: onAddressConflict === "Replace",
    });
  }
  return pools.toSorted((a, b) => (a.pool.name < b.pool.name ? -1 : 1));
}

interface PlacedEntry extends AddressEntry {
  readonly text: string;
  readonly path: string;
}

function readEntries(addresses: readonly string[], report: IssueCollector): readonly PlacedEntry[] {
  return addresses.flatMap((text, at) => {
    const path = `spec.addresses[${at}]`;
    const entry = parseAddressEntry(text);
    if (entry.ok) return [{ ...entry.value, text, path }];
    report.partial(path, entry.error.code, entry.error.message, { text });
    return [];
  });
}

/** The parts of an entry that no other has. */
function cut(parts: readonly PlacedEntry[], taken: Taken, report: IssueCollector): readonly PlacedEntry[] {
  return parts.flatMap((part) => {
    const overlaps = taken.overlapping(part.range);
    for (const { range, value: owner } of overlaps) noteOverlap(part, range, owner, report);
    const left = subtractRanges(
      part.range,
      overlaps.map(({ range }) => range),
    );
    return left.map((range) => ({ ...part, range }));
  });
}

function noteOverlap(
  { path, text }: PlacedEntry,
  range: AddressRange,
  { by, path: theirs }: Owner,
  report: IssueCollector,
): void {
  const { name } = by.object;
  const whose = by === report ? "an earlier entry" : `pool "${name}", which is older`;
  const facts = { text, pool: name, first: range.first, last: range.last };
  report.partial(path, "Overlap", `"${text}" overlaps ${whose}: ${range.first} to ${range.last}`, facts);
  if (by === report) return;
  const younger = report.object.name;
  by.note(
    theirs,
    "Overlap",
    `pool "${younger}", which is newer, does not get the addresses that its entry "${text}" has in common`,
    { pool: younger },
  );
}

function readAllocation(
  serviceAllocation: IPAddressPoolSpec["serviceAllocation"],
  report: IssueCollector,
): ServiceAllocation | null {
  if (serviceAllocation === undefined) return null;
  const { priority = 0, namespaces = [], namespaceSelectors, serviceSelectors, ...rest } = serviceAllocation;
  nothingUnread(rest);
  const path = "spec.serviceAllocation";
  return {
    priority,
    namespaces: report.unique(`${path}.namespaces`, namespaces),
    namespaceSelectors: report.selectors(`${path}.namespaceSelectors`, namespaceSelectors),
    serviceSelectors: report.selectors(`${path}.serviceSelectors`, serviceSelectors),
  };
}
