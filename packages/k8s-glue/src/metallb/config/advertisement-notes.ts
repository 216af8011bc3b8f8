import { byAge } from "@herald-lb/k8s-glue/objects";
import { familyOf } from "@herald-lb/sansio";
import { conflictingField, type SingleValuedField } from "./conflicting-field.ts";
import type { AdvertisementScope, BgpAdvertisementConfiguration, PoolConfiguration } from "./configuration.ts";
import { IssueCollector } from "./issue-collector.ts";
import type { ConfigIssue } from "./issue.ts";
import { advertisesPool } from "./scope.ts";
import { selectorsOverlap } from "./selectors-overlap.ts";

/** Notes the pools and peers that an advertisement names and that do not exist. They select nothing until they do. */
export function noteUnknownNames(
  { pools, object }: AdvertisementScope,
  known: { readonly pools: ReadonlySet<string>; readonly peers: ReadonlySet<string> },
  peers: readonly string[],
  issues: ConfigIssue[],
): void {
  const report = new IssueCollector(object, issues);
  for (const name of (pools?.names ?? []).filter((each) => !known.pools.has(each))) {
    report.note("spec.ipAddressPools", "UnknownReference", `no IPAddressPool is named "${name}"`, { name });
  }
  for (const name of peers.filter((each) => !known.peers.has(each))) {
    report.note("spec.peers", "UnknownReference", `no BGPPeer is named "${name}"`, { name });
  }
}

/**
 * Notes on an advertisement that an older one takes precedence: both announce one pool with one prefix to one peer from one node,
 * with different values of a field of which a route has one. Advertisements with serviceSelectors are left to each Service.
 */
export function noteConflicts(
  advertisements: readonly BgpAdvertisementConfiguration[],
  pools: readonly PoolConfiguration[],
  issues: ConfigIssue[],
): void {
  const byService = advertisements.filter(({ serviceSelectors }) => serviceSelectors === null);
  const sorted = byService.toSorted((a, b) => byAge(a.object, b.object));
  const said = new Set<string>();
  for (const pool of pools) {
    const serving: BgpAdvertisementConfiguration[] = [];
    for (const younger of sorted.filter((each) => advertisesPool(each, pool))) {
      const older = serving.find((each) => conflicting(each, younger, pool) !== null);
      const pair = `${older?.object.name}/${younger.object.name}`;
      if (older === undefined) serving.push(younger);
      else if (!said.has(pair)) {
        said.add(pair);
        noteGivingWay(older, younger, pool, issues);
      }
    }
  }
}

/** Notes an advertisement that repeats an older one. */
export function noteRepeated(advertisements: readonly AdvertisementScope[], issues: ConfigIssue[]): void {
  const seen = new Map<string, string>();
  for (const { object, ...rest } of advertisements.toSorted((a, b) => byAge(a.object, b.object))) {
    const text = JSON.stringify(rest);
    const before = seen.get(text);
    if (before === undefined) seen.set(text, object.name);
    else {
      const message = `advertisement "${before}", which is older, has the same fields`;
      new IssueCollector(object, issues).note("spec", "Redundant", message, { advertisement: before });
    }
  }
}

function noteGivingWay(
  older: BgpAdvertisementConfiguration,
  younger: BgpAdvertisementConfiguration,
  servingPool: PoolConfiguration,
  issues: ConfigIssue[],
): void {
  const field = conflicting(older, younger, servingPool) ?? "localPref";
  const { pool } = servingPool;
  const textOf = (of: BgpAdvertisementConfiguration): string =>
    `${field} ${of[field] ?? (field.startsWith("next") ? "of the node" : 0)}`;
  const message = `${textOf(younger)} is not used for pool "${pool.name}": advertisement "${older.object.name}", which is older, has ${textOf(older)}`;
  const facts = { advertisement: older.object.name, pool: pool.name };
  new IssueCollector(younger.object, issues).note(`spec.${field}`, "ConflictingAdvertisements", message, facts);
}

function conflicting(
  a: BgpAdvertisementConfiguration,
  b: BgpAdvertisementConfiguration,
  { pool }: PoolConfiguration,
): SingleValuedField | null {
  const field = conflictingField(a, b, new Set(pool.ranges.map(({ first }) => familyOf(first))));
  return field !== null && selectorsOverlap(a.nodeSelectors, b.nodeSelectors) ? field : null;
}
