import { forgetIfUnused, type LocRib } from "./loc-rib.ts";
import type { Destination } from "./destination.ts";
import type { Subgroup, UpdateGroup, ViewEntry } from "./update-group.ts";
import { createSubgroup } from "./update-group.ts";
import type { AdvertisedRoute } from "./update-packing.ts";

/** True where there is something to tell the members. */
export function hasWork(subgroup: Subgroup): boolean {
  return pendingOf(subgroup) > 0 || subgroup.pass !== null || subgroup.refreshes.length > 0;
}

/** The number of destinations of which the members were told something else than is wanted by now. */
export function pendingOf({ announce, withdraw }: Subgroup): number {
  return announce.size + withdraw.size;
}

/** True where the first pass has not come to a destination, so that nothing was told of it, nor is to be before it comes there. */
export function isAhead({ pass }: Subgroup, id: number): boolean {
  return pass !== null && pass.purpose === "initial" && id >= pass.at;
}

/** The route that the members were told last of a destination; null for none. */
export function toldOf(subgroup: Subgroup, id: number): AdvertisedRoute | null {
  const told = subgroup.announce.get(id) ?? subgroup.withdraw.get(id);
  if (told !== undefined) return told;
  if (isAhead(subgroup, id) || subgroup.announce.has(id)) return null;
  return routeIn(subgroup.group.view[id]);
}

/** The route in an entry of a view; null where there is none. */
export function routeIn(entry: ViewEntry | undefined): AdvertisedRoute | null {
  return entry === undefined || typeof entry === "string" ? null : entry;
}

/** True for entries that a peer cannot tell apart. */
export function sameEntry(a: ViewEntry, b: ViewEntry): boolean {
  return a === b || (routeIn(a) !== null && routeIn(a)?.key === routeIn(b)?.key);
}

/** Notes what is to be told, and what no longer, now that the entry of a destination in the group's view is `after`. */
export function noteEntry(subgroup: Subgroup, destination: Destination, before: ViewEntry, after: ViewEntry): void {
  const { id } = destination;
  const { announce, withdraw } = subgroup;
  if (isAhead(subgroup, id)) return;
  const noted = announce.get(id) ?? withdraw.get(id);
  const told = noted ?? (announce.has(id) ? null : routeIn(before));
  announce.delete(id);
  if (withdraw.delete(id)) destination.withdrawals--;
  const route = routeIn(after);
  if (route === null) {
    if (told === null) return;
    withdraw.set(id, told);
    destination.withdrawals++;
  } else if (told === null || !sameEntry(told, route) || subgroup.pass !== null) {
    // While routes are told again, one that changed and changed back is told again as well: RFC 7313 §4 has the others end.
    announce.set(id, told);
  }
}

/** Takes `names`, some of the members, into a subgroup of their own in `group`, which has the same view. */
export function detach(rib: LocRib, subgroup: Subgroup, names: Iterable<string>, group: UpdateGroup): Subgroup {
  const other = createSubgroup(group);
  other.pass = subgroup.pass === null ? null : { ...subgroup.pass };
  other.refreshes.push(...subgroup.refreshes);
  other.told = subgroup.told;
  for (const [id, told] of subgroup.announce) other.announce.set(id, told);
  for (const [id, told] of subgroup.withdraw) {
    other.withdraw.set(id, told);
    const destination = rib.byId[id];
    if (destination) destination.withdrawals++;
  }
  for (const name of names) {
    subgroup.members.delete(name);
    other.members.add(name);
  }
  return other;
}

/** Takes a subgroup without members out of its group. */
export function dropSubgroup(rib: LocRib, subgroup: Subgroup): void {
  const { group } = subgroup;
  group.subgroups.delete(subgroup);
  if (group.inStep === subgroup) group.inStep = null;
  for (const id of subgroup.withdraw.keys()) releaseWithdrawal(rib, id);
}

/** Notes that one subgroup less has the withdrawal of a destination before it. */
export function releaseWithdrawal(rib: LocRib, id: number): void {
  const destination = rib.byId[id];
  if (!destination) return;
  destination.withdrawals--;
  forgetIfUnused(rib, destination);
}

/** Joins a subgroup for which nothing is pending with the one that is in step; returns the one that its members are in. */
export function mergeInStep(subgroup: Subgroup): Subgroup {
  const { group } = subgroup;
  const { inStep } = group;
  if (inStep === null) group.inStep = subgroup;
  if (inStep === null || inStep === subgroup || hasWork(inStep)) return subgroup;
  for (const name of subgroup.members) inStep.members.add(name);
  group.subgroups.delete(subgroup);
  return inStep;
}
