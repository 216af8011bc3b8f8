import { prefixOctets } from "../nlri.ts";
import { configuredNameOf } from "../session-name.ts";
import type { Destination } from "./destination.ts";
import { interned } from "./interned.ts";
import type { LocRib } from "./loc-rib.ts";
import { outboundRoute } from "./outbound-route.ts";
import { attributesFor, isForAll, type RouteAttributes } from "./route-attributes.ts";
import type { NotAnnouncedReason } from "./route.ts";
import { isAhead, noteEntry, sameEntry } from "./subgroup.ts";
import type { UpdateGroup, ViewEntry } from "./update-group.ts";
import { withRoom } from "./update-packing.ts";

/** Called for every established peer to which a route cannot be announced. */
export type ReportRefusal = (peer: string, destination: Destination, reason: NotAnnouncedReason) => void;

/** Brings the views of all groups in line with the wishes for a destination. */
export function updateViews(
  rib: LocRib,
  groups: Iterable<UpdateGroup>,
  destination: Destination,
  report: ReportRefusal,
): void {
  const common = isForAll(destination) ? attributesFor(rib.attributes, destination, "") : undefined;
  for (const group of groups) {
    if (destination.id >= group.viewEnd) continue;
    const attributes = common === undefined ? attributesFor(rib.attributes, destination, memberOf(group)) : common;
    setEntry(group, destination, entryOf(group, destination, attributes), report);
  }
}

/** Takes the next destinations into a group's view, up to `id`. Nobody was told of them yet. */
export function extendView(rib: LocRib, group: UpdateGroup, id: number): void {
  for (; group.viewEnd <= id; group.viewEnd++) {
    const destination = rib.byId[group.viewEnd] ?? null;
    const entry =
      destination === null
        ? null
        : entryOf(group, destination, attributesFor(rib.attributes, destination, memberOf(group)));
    group.view[group.viewEnd] = entry;
    if (typeof entry === "string") group.refusals++;
  }
}

function setEntry(group: UpdateGroup, destination: Destination, after: ViewEntry, report: ReportRefusal): void {
  const { id } = destination;
  const before = group.view[id] ?? null;
  if (sameEntry(before, after)) return;
  group.view[id] = after;
  if (typeof before === "string") group.refusals--;
  if (typeof after === "string") group.refusals++;
  for (const subgroup of group.subgroups) {
    if (typeof after === "string" && !isAhead(subgroup, id))
      for (const name of subgroup.members) report(name, destination, after);
    noteEntry(subgroup, destination, before, after);
  }
}

function entryOf(group: UpdateGroup, destination: Destination, attributes: RouteAttributes | null): ViewEntry {
  if (attributes === null) return null;
  const { family } = destination;
  const entry = interned(group.routes[family], attributes, () => {
    const outbound = outboundRoute(family, attributes, group.session);
    return outbound.ok ? withRoom(outbound.value, group.context) : outbound.error;
  });
  return typeof entry !== "string" && entry.room < prefixOctets(destination.prefix, group.context) ? "TooLong" : entry;
}

/** The configured name of any member, which speaks for the group: every wanted route is for all of them or for none. */
function memberOf(group: UpdateGroup): string {
  for (const { members } of group.subgroups) for (const name of members) return configuredNameOf(name);
  throw new Error("an update group without members");
}
