import { compareIpAddresses, type IpAddress } from "@herald-lb/sansio";
import type { LargeCommunity } from "../attribute/large-communities.ts";
import type { Destination } from "./destination.ts";
import { interned } from "./interned.ts";
import type { DesiredRoute } from "./route.ts";

/** The attributes of one route made of all that want its prefix announced; lists are sorted and hold nothing twice. */
export interface RouteAttributes {
  /** Equal for equal attributes, and for no others. */
  readonly key: string;
  readonly nextHop: "self" | IpAddress;
  readonly localPref: number | null;
  readonly med: number | null;
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
  readonly extendedCommunities: readonly bigint[];
  readonly linkBandwidth: number | null;
  readonly prepend: number;
}

/** The attributes of wanted routes, each made once. Changed in place. */
export interface AttributeTable {
  /** By `key`. */
  readonly byKey: Map<string, RouteAttributes>;
  /** The route that came last and its attributes: those of a cluster's Services are nearly always the same. */
  last: { readonly route: DesiredRoute; readonly attributes: RouteAttributes } | null;
}

/** True where all peers are to have one route to a destination, as far as the wishes for it go. */
export function isForAll(destination: Destination): boolean {
  for (let wish = destination.wishes; wish !== null; wish = wish.next) if (wish.route.peers !== "all") return false;
  return true;
}

/**
 * The union of the communities, the highest LOCAL_PREF and bandwidth, the lowest MED and the fewest prepended numbers, which are what makes a
 * route preferred; "self" as the next hop before the lowest address. Null when nobody wants it told to `peer`. Equal attributes are
 * one value in `table`.
 */
export function attributesFor(table: AttributeTable, destination: Destination, peer: string): RouteAttributes | null {
  let only: DesiredRoute | null = null;
  let several: DesiredRoute[] | null = null;
  for (let wish = destination.wishes; wish !== null; wish = wish.next) {
    const { route } = wish;
    if (route.peers !== "all" && !route.peers.includes(peer)) continue;
    if (only === null) only = route;
    else (several ??= [only]).push(route);
  }
  if (only === null) return null;
  if (several !== null) return inTable(table, merged(several.map(partsOf)));
  if (table.last !== null && haveEqualAttributes(table.last.route, only)) return table.last.attributes;
  const attributes = inTable(table, partsOf(only));
  table.last = { route: only, attributes };
  return attributes;
}

function inTable(table: AttributeTable, parts: Parts): RouteAttributes {
  const key = keyOf(parts);
  return interned(table.byKey, key, () => ({ key, ...parts }));
}

/** True for routes that are written alike. Others may have equal attributes as well, as by the order of their communities. */
function haveEqualAttributes(a: DesiredRoute, b: DesiredRoute): boolean {
  return (
    a.nextHop === b.nextHop &&
    a.localPref === b.localPref &&
    a.med === b.med &&
    a.linkBandwidth === b.linkBandwidth &&
    a.prepend === b.prepend &&
    haveEqualItems(a.communities, b.communities) &&
    haveEqualItems(a.extendedCommunities, b.extendedCommunities) &&
    // Objects, which are equal where they are the same; the rest is left to the key.
    haveEqualItems(a.largeCommunities, b.largeCommunities)
  );
}

function haveEqualItems(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return false;
  return true;
}

type Parts = Omit<RouteAttributes, "key">;

const NONE: readonly never[] = [];

function partsOf(route: DesiredRoute): Parts {
  return {
    nextHop: route.nextHop,
    localPref: route.localPref ?? null,
    med: route.med ?? null,
    communities: sortedSet(route.communities, compareNumbers),
    largeCommunities: largeSet(route.largeCommunities),
    extendedCommunities: sortedSet(route.extendedCommunities, compareNumbers),
    linkBandwidth: route.linkBandwidth ?? null,
    prepend: route.prepend ?? 0,
  };
}

function merged(routes: readonly Parts[]): Parts {
  return routes.reduce((a, b) => ({
    nextHop: lowerNextHop(a.nextHop, b.nextHop),
    localPref: extreme(a.localPref, b.localPref, Math.max),
    med: extreme(a.med, b.med, Math.min),
    communities: sortedSet([...a.communities, ...b.communities], compareNumbers),
    largeCommunities: largeSet([...a.largeCommunities, ...b.largeCommunities]),
    extendedCommunities: sortedSet([...a.extendedCommunities, ...b.extendedCommunities], compareNumbers),
    linkBandwidth: extreme(a.linkBandwidth, b.linkBandwidth, Math.max),
    prepend: Math.min(a.prepend, b.prepend),
  }));
}

function keyOf({ nextHop, localPref, med, linkBandwidth, prepend, ...lists }: Parts): string {
  const key = `${nextHop} ${localPref ?? ""} ${med ?? ""} ${linkBandwidth ?? ""} ${prepend}`;
  const { communities, largeCommunities, extendedCommunities } = lists;
  if (communities.length + largeCommunities.length + extendedCommunities.length === 0) return key;
  return `${key} ${communities.join()} ${largeCommunities.map(largeKey).join()} ${extendedCommunities.join()}`;
}

function sortedSet<Value>(
  values: readonly Value[] | undefined,
  compare: (a: Value, b: Value) => number,
): readonly Value[] {
  if (values === undefined || values.length === 0) return NONE;
  return values.length === 1 ? values : [...new Set(values)].toSorted(compare);
}

function largeSet(values: readonly LargeCommunity[] | undefined): readonly LargeCommunity[] {
  if (values === undefined || values.length === 0) return NONE;
  return [...new Map(values.map((each) => [largeKey(each), each])).values()].toSorted(compareLarge);
}

function compareNumbers<Value extends number | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : 1;
}

function lowerNextHop(a: "self" | IpAddress, b: "self" | IpAddress): "self" | IpAddress {
  if (a === "self" || b === "self") return "self";
  return compareIpAddresses(a, b) <= 0 ? a : b;
}

function extreme(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  return a === null ? b : b === null ? a : choose(a, b);
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
