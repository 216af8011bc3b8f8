import { type LabelSelector, parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { familyOf } from "@herald-lb/sansio";
import type { BGPAdvertisementSpec } from "../crd/bgp-advertisement.ts";
import type { L2AdvertisementSpec } from "../crd/l2-advertisement.ts";
import type {
  AdvertisementScope,
  BgpAdvertisementConfiguration,
  CommunityAliases,
  InterfaceSelector,
  L2AdvertisementConfiguration,
  PoolConfiguration,
  Selectors,
} from "./configuration.ts";
import type { CommunityValue } from "./bgp-policy.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { ReadObject } from "./parse-object.ts";
import { readBgpPolicy } from "./read-bgp-policy.ts";
import { parseCommunity } from "./read-communities.ts";
import { readLoadSharing } from "./read-load-sharing.ts";
import { advertisesPool } from "./scope.ts";

/** The shortest interval of refreshes, in milliseconds. */
const SHORTEST_REFRESH = 1_000;

/** Reads L2Advertisements. */
export function readL2Advertisements(
  objects: readonly ReadObject<L2AdvertisementSpec>[],
): readonly L2AdvertisementConfiguration[] {
  return objects.flatMap(({ spec, report }) => {
    const interfaces = [
      ...report.unique("spec.interfaces", spec.interfaces ?? []),
      ...readInterfacePatterns(spec.interfacePatterns ?? [], report),
    ];
    const preferred = spec.preferredNodeSelectors ?? [];
    for (const [at, { preference }] of preferred.entries()) {
      report.selectors(`spec.preferredNodeSelectors[${at}].preference`, [preference]);
    }
    const isShared = readLoadSharing(spec, report);
    const advertisement = {
      ...scopeOf(spec, report),
      interfaces: interfaces.length === 0 ? null : interfaces,
      bySubnet: spec.interfaceSelection === "Subnet",
      refreshInterval: isShared ? null : readRefreshInterval(spec.refreshInterval, report),
      arpAnnouncementForm: spec.arpAnnouncementForm ?? "Both",
      preferredNodeSelectors: preferred,
      sticky: !isShared && (spec.sticky ?? false),
      conflictPolicy: spec.conflictPolicy ?? "Announce",
      onConflict: spec.onConflict ?? "Defend",
      perFamily: spec.electionScope === "IPFamily",
      spread: !isShared && spec.addressDistribution === "Spread",
      loadSharing: isShared ? ("PerClient" as const) : ("None" as const),
      rebalance: isShared && (spec.rebalance ?? false),
    };
    return report.rejected ? [] : [advertisement];
  });
}

/** A pattern that cannot be read rejects the advertisement: without it, addresses might be announced on every interface. */
function readInterfacePatterns(patterns: readonly string[], report: IssueCollector): readonly InterfaceSelector[] {
  const path = "spec.interfacePatterns";
  for (const [at, text] of patterns.entries()) {
    if (isRegularExpression(text)) continue;
    const message = `"${text}" is not a regular expression; Herald announces nothing by this advertisement until it is, for example ^eth[0-9]+$`;
    report.reject(`${path}[${at}]`, "BadPattern", message, { text });
  }
  return report.unique(path, patterns).map((pattern) => ({ pattern }));
}

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The interval in milliseconds; null where there is none or it cannot be read. */
function readRefreshInterval(text: string | undefined, report: IssueCollector): number | null {
  if (text === undefined) return null;
  const duration = parseGoDuration(text);
  if (duration !== null && duration >= SHORTEST_REFRESH && Number.isFinite(duration)) return duration;
  const message = `"${text}" is not a duration of a second or more, for example 60s; Herald does not announce again what it announces by this advertisement`;
  report.partial("spec.refreshInterval", "BadDuration", message, { text });
  return null;
}

/** Reads BGPAdvertisements; `pools` are the valid ones. */
export function readBgpAdvertisements(
  objects: readonly ReadObject<BGPAdvertisementSpec>[],
  pools: readonly PoolConfiguration[],
  aliases: CommunityAliases,
): readonly BgpAdvertisementConfiguration[] {
  return objects.flatMap(({ spec, report }) => {
    const { aggregationLength, aggregationLengthV6, localPref = 0 } = spec;
    const peers = report.unique("spec.peers", spec.peers ?? []);
    const scope = scopeOf(spec, report);
    const communities = communitiesOf(spec, aliases, report);
    const aggregates = aggregationLength !== 32 || aggregationLengthV6 !== 128;
    if (scope.serviceSelectors !== null && aggregates) {
      report.reject(
        "spec.serviceSelectors",
        "FieldConflict",
        "serviceSelectors and an aggregation length are both set; remove one",
      );
    }
    const advertisement: BgpAdvertisementConfiguration = {
      ...scope,
      aggregationLength,
      aggregationLengthV6,
      localPref: localPref === 0 ? null : localPref,
      communities,
      peers: peers.length === 0 ? null : peers,
      ...readBgpPolicy(spec, aliases, report),
    };
    for (const pool of pools) if (advertisesPool(scope, pool)) checkAggregation(advertisement, pool, report);
    return report.rejected ? [] : [advertisement];
  });
}

function scopeOf(spec: L2AdvertisementSpec | BGPAdvertisementSpec, report: IssueCollector): AdvertisementScope {
  const names = report.unique("spec.ipAddressPools", spec.ipAddressPools ?? []);
  const selectors = report.selectors("spec.ipAddressPoolSelectors", spec.ipAddressPoolSelectors);
  return {
    object: report.object,
    pools: names.length === 0 && selectors.length === 0 ? null : { names, selectors },
    nodeSelectors: everythingIfEmpty(report.selectors("spec.nodeSelectors", spec.nodeSelectors)),
    serviceSelectors: everythingIfEmpty(report.selectors("spec.serviceSelectors", spec.serviceSelectors)),
  };
}

function everythingIfEmpty(selectors: readonly LabelSelector[]): Selectors {
  return selectors.length === 0 ? null : selectors;
}

/**
 * The communities of an advertisement. One that cannot be read rejects the advertisement: without `no-export`, for instance, its
 * routes would leak.
 */
function communitiesOf(
  spec: BGPAdvertisementSpec,
  aliases: CommunityAliases,
  report: IssueCollector,
): readonly CommunityValue[] {
  const found: CommunityValue[] = [];
  const path = "spec.communities";
  for (const [at, text] of (spec.communities ?? []).entries()) {
    const community = aliases.get(text) ?? parseCommunity(text);
    if (community !== null) found.push(community);
    else if (text.includes(":")) {
      report.reject(
        `${path}[${at}]`,
        "BadCommunity",
        `"${text}" is not a community, for example 65000:100 or large:65000:1:2`,
        { text },
      );
    } else
      report.reject(
        `${path}[${at}]`,
        "UnknownCommunity",
        `"${text}" is not the name of a community in any Community object`,
        { text },
      );
  }
  report.unique(path, spec.communities ?? []);
  return found;
}

function checkAggregation(
  advertisement: BgpAdvertisementConfiguration,
  { pool, shortestPrefixes }: PoolConfiguration,
  report: IssueCollector,
): void {
  for (const [at, { first }] of pool.ranges.entries()) {
    const v4 = familyOf(first) === "IPv4";
    const length = v4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
    const shortest = shortestPrefixes[at] ?? length;
    if (length >= shortest) continue;
    const field = v4 ? "aggregationLength" : "aggregationLengthV6";
    const message = `a prefix of length ${length} would exceed pool "${pool.name}", whose widest block is /${shortest}`;
    report.reject(`spec.${field}`, "BadAggregationLength", message, { pool: pool.name, length, shortest });
    return;
  }
}
