import { type Family, IPV4_UNICAST, IPV6_UNICAST, sameFamily } from "../family.ts";
import { extendView, type ReportRefusal } from "./group-view.ts";
import type { Destination } from "./destination.ts";
import type { LocRib } from "./loc-rib.ts";
import { routeIn } from "./subgroup.ts";
import type { Subgroup } from "./update-group.ts";

/** The number of destinations that one report of a refusal counts for: a host writes a line of log for it. */
export const REFUSAL_COST = 16;

/** Goes on with the pass of a subgroup for `budget` destinations, which are noted to be announced. Returns the rest of the budget. */
export function continuePass(rib: LocRib, subgroup: Subgroup, budget: number, report: ReportRefusal): number {
  const { pass, group } = subgroup;
  if (pass === null) return budget;
  let left = budget;
  for (; left > 0 && pass.at < rib.byId.length; pass.at++, left--) {
    const destination = rib.byId[pass.at] ?? null;
    extendView(rib, group, pass.at);
    if (destination === null) continue;
    const entry = group.view[pass.at];
    if (pass.purpose === "refresh") {
      if (routeIn(entry) !== null && isOf(pass.family, destination)) noteAgain(subgroup, pass.at);
    } else if (typeof entry === "string") {
      for (const name of subgroup.members) report(name, destination, entry);
      left -= REFUSAL_COST;
    } else if (entry) {
      subgroup.announce.set(pass.at, null);
    }
  }
  if (pass.at >= rib.byId.length) {
    pass.at = Infinity;
    group.viewEnd = Infinity;
  }
  return left;
}

/** Notes that a route is to be told again, where nothing is to be told of its destination anyway. */
function noteAgain({ announce, group }: Subgroup, id: number): void {
  if (!announce.has(id)) announce.set(id, routeIn(group.view[id]));
}

function isOf(family: Family | null, destination: Destination): boolean {
  return family === null || sameFamily(family, destination.family === "IPv4" ? IPV4_UNICAST : IPV6_UNICAST);
}
