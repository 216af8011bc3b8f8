import { compareIpAddresses, type IpAddress } from "@herald-lb/sansio";
import type { LargeCommunity } from "../attribute/large-communities.ts";
import type { DesiredRoute } from "./route.ts";
import { entriesOf, type SortedMap } from "./sorted-map.ts";

/** One route made of all that want its prefix announced to one peer; lists sorted, so that equal routes compare equal. */
export interface MergedRoute {
  readonly nextHop: "self" | IpAddress;
  readonly localPref: number | null;
  readonly med: number | null;
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
  readonly extendedCommunities: readonly bigint[];
  readonly prepend: number;
}

/**
 * The union of the communities, the highest LOCAL_PREF, the lowest MED and the fewest prepended numbers, which are what makes a
 * route preferred; "self" as the next hop before the lowest address. Null when nobody wants it told to `peer`.
 */
export function mergeRoutes(wanters: SortedMap<readonly DesiredRoute[]>, peer: string): MergedRoute | null {
  const routes: DesiredRoute[] = [];
  for (const [, wanted] of entriesOf(wanters)) {
    for (const route of wanted) if (route.peers === "all" || route.peers.includes(peer)) routes.push(route);
  }
  if (routes.length === 0) return null;
  const large = new Map(
    routes.flatMap((route) => route.largeCommunities ?? []).map((each) => [largeKey(each), each] as const),
  );
  return {
    nextHop: routes.map((route) => route.nextHop).reduce(lowerNextHop),
    localPref: extreme(
      routes.map((route) => route.localPref),
      Math.max,
    ),
    med: extreme(
      routes.map((route) => route.med),
      Math.min,
    ),
    communities: [...new Set(routes.flatMap((route) => route.communities ?? []))].toSorted((a, b) => a - b),
    largeCommunities: [...large.values()].toSorted(compareLarge),
    extendedCommunities: [...new Set(routes.flatMap((route) => route.extendedCommunities ?? []))].toSorted((a, b) =>
      a < b ? -1 : 1,
    ),
    prepend: Math.min(...routes.map((route) => route.prepend ?? 0)),
  };
}

function lowerNextHop(a: "self" | IpAddress, b: "self" | IpAddress): "self" | IpAddress {
  if (a === "self" || b === "self") return "self";
  return compareIpAddresses(a, b) <= 0 ? a : b;
}

function extreme(values: readonly (number | undefined)[], choose: (...values: number[]) => number): number | null {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? null : choose(...given);
}

function largeKey(each: LargeCommunity): string {
  return `${each.globalAdministrator}:${each.localDataPart1}:${each.localDataPart2}`;
}

function compareLarge(a: LargeCommunity, b: LargeCommunity): number {
  return (
    a.globalAdministrator - b.globalAdministrator ||
    a.localDataPart1 - b.localDataPart1 ||
    a.localDataPart2 - b.localDataPart2
  );
}
