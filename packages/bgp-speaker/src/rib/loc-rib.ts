import type { IpPrefix } from "@herald-lb/sansio";
import type { DesiredRoute } from "./route.ts";
import { insert, lookUp, remove, type SortedMap } from "./sorted-map.ts";

/** Everything that is wanted, by who wants it and by prefix. */
export interface LocRib {
  readonly byKey: SortedMap<readonly DesiredRoute[]>;
  /** For each prefix the routes of each key that wants it. */
  readonly byPrefix: SortedMap<SortedMap<readonly DesiredRoute[]>>;
}

/** Nothing wanted. */
export const EMPTY_LOC_RIB: LocRib = { byKey: null, byPrefix: null };

/** The table after each key of `changes` wants exactly what it names, and the prefixes for which something may differ. */
export function applyChanges(
  rib: LocRib,
  changes: ReadonlyMap<string, readonly DesiredRoute[]>,
): { readonly rib: LocRib; readonly touched: ReadonlySet<IpPrefix> } {
  const touched = new Set<IpPrefix>();
  let { byKey, byPrefix } = rib;
  for (const [key, routes] of changes) {
    const before = Map.groupBy(lookUp(byKey, key) ?? [], (route) => route.prefix);
    const after = Map.groupBy(routes, (route) => route.prefix);
    for (const prefix of new Set([...before.keys(), ...after.keys()])) {
      const wanted = after.get(prefix);
      const wanters = lookUp(byPrefix, prefix) ?? null;
      const left = wanted === undefined ? remove(wanters, key) : insert(wanters, key, wanted);
      byPrefix = left === null ? remove(byPrefix, prefix) : insert(byPrefix, prefix, left);
      touched.add(prefix);
    }
    byKey = routes.length === 0 ? remove(byKey, key) : insert(byKey, key, routes);
  }
  return { rib: { byKey, byPrefix }, touched };
}
