import { byAge } from "@herald-lb/k8s-glue/objects";
import type { AddressRange } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import { type AddressEntry, parseAddressEntry } from "./address-entry.ts";
import type { PoolConfiguration, ServiceAllocation } from "./configuration.ts";
import { DisjointRanges, rangeWithout } from "./disjoint-ranges.ts";
import type { HostAddresses } from "./host-addresses.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { ReadObject } from "./parse-object.ts";
import { readPoolPolicy, readRequesters } from "./read-pool-policy.ts";

/** Whose a range is: the pool, and the entry of it. */
interface Owner {
  readonly by: IssueCollector;
  readonly path: string;
}

type Taken = DisjointRanges<Owner>;

/**
 * Reads pools, older ones first: what an older pool, or an entry before it, holds already is cut out of the younger. An entry
 * that cannot be read is left out and the others serve: a slip in one line must not take the addresses of the rest away.
 */
export function readPools(
  objects: readonly ReadObject<IPAddressPoolSpec>[],
  hostAddresses: HostAddresses,
): readonly PoolConfiguration[] {
  const taken: Taken = new DisjointRanges();
  const pools: PoolConfiguration[] = [];
  for (const { spec, labels, report } of objects.toSorted((a, b) => byAge(a.report.object, b.report.object))) {
    const { name } = report.object;
    const own: Taken = new DisjointRanges();
    const entries = readEntries(spec, report).flatMap((entry) => {
      const left = cut(cut([entry], taken, report), own, report);
      for (const { range } of left) own.add(range, { by: report, path: entry.path });
      return left;
    });
    const allocation = readAllocation(spec, report);
    if (entries.length === 0) report.reject("spec.addresses", "NoAddresses", "pool has no addresses to give out");
    if (report.rejected) continue;
    taken.addAll(own);
    const ranges = entries.map(({ range }) => range);
    pools.push({
      object: report.object,
      labels,
      pool: { name, ranges, ...readPoolPolicy(spec, ranges, hostAddresses, report) },
      shortestPrefixes: entries.map(({ shortestPrefix }) => shortestPrefix),
      autoAssign: spec.autoAssign,
      allocation,
      requesters: readRequesters(spec, report),
    });
  }
  return pools.toSorted((a, b) => (a.pool.name < b.pool.name ? -1 : 1));
}

interface PlacedEntry extends AddressEntry {
  readonly text: string;
  readonly path: string;
}

function readEntries(spec: IPAddressPoolSpec, report: IssueCollector): readonly PlacedEntry[] {
  return spec.addresses.flatMap((text, at) => {
    const path = `spec.addresses[${at}]`;
    const entry = parseAddressEntry(text);
    if (entry.ok) return [{ ...entry.value, text, path }];
    report.partial(path, entry.error.code, entry.error.message, { text });
    return [];
  });
}

/** What is left of an entry's parts without what others have. */
function cut(parts: readonly PlacedEntry[], taken: Taken, report: IssueCollector): readonly PlacedEntry[] {
  return parts.flatMap((part) => {
    const overlaps = taken.overlapping(part.range);
    for (const { range, owner } of overlaps) noteOverlap(part, range, owner, report);
    const left = rangeWithout(
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
  const whose = by === report ? "an entry before it" : `pool "${name}", which is older`;
  const facts = { text, pool: name, first: range.first, last: range.last };
  report.partial(path, "Overlap", `"${text}" overlaps ${whose}: ${range.first} to ${range.last}`, facts);
  if (by === report) return;
  const younger = report.object.name;
  by.note(theirs, "Overlap", `pool "${younger}", which is younger, gives way with its "${text}"`, { pool: younger });
}

function readAllocation({ serviceAllocation }: IPAddressPoolSpec, report: IssueCollector): ServiceAllocation | null {
  if (serviceAllocation === undefined) return null;
  const { priority = 0, namespaces = [], namespaceSelectors, serviceSelectors } = serviceAllocation;
  const path = "spec.serviceAllocation";
  return {
    priority,
    namespaces: report.unique(`${path}.namespaces`, namespaces),
    namespaceSelectors: report.selectors(`${path}.namespaceSelectors`, namespaceSelectors),
    serviceSelectors: report.selectors(`${path}.serviceSelectors`, serviceSelectors),
  };
}
