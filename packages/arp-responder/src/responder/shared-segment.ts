import type { InterfaceIndex } from "../interface.ts";
import {
  type Announcement,
  type InterfaceState,
  isRequestedOn,
  isUsable,
  type ResponderState,
} from "./responder-state.ts";

// A node with two interfaces on one segment hears each request twice. Two answers with two hardware addresses would make a client change its
// entry over and back, so that the one with the lower index answers alone for as long as it can.

/** Takes note that two interfaces are on one segment. False where this was known. */
export function joinSegments(a: InterfaceState, b: InterfaceState): boolean {
  if (a.sharesSegmentWith.has(b.interface.index)) return false;
  a.sharesSegmentWith.add(b.interface.index);
  b.sharesSegmentWith.add(a.interface.index);
  return true;
}

/** Forgets with which interfaces one shares a segment: its cable may be elsewhere by now. Returns those. */
export function leaveSegment({ interfaces }: ResponderState, iface: InterfaceState): readonly InterfaceIndex[] {
  const { index } = iface.interface;
  const others = [...iface.sharesSegmentWith];
  for (const other of others) interfaces.get(other)?.sharesSegmentWith.delete(index);
  iface.sharesSegmentWith.clear();
  return others;
}

/** True where another interface on the same segment serves an address in place of this one. */
export function isServedByAnother(
  { interfaces }: ResponderState,
  announcement: Announcement,
  { interface: { index }, sharesSegmentWith }: InterfaceState,
): boolean {
  for (const other of sharesSegmentWith) {
    const iface = interfaces.get(other);
    if (
      other < index &&
      iface !== undefined &&
      isUsable(iface, announcement.family) &&
      isRequestedOn(announcement, iface)
    )
      return true;
  }
  return false;
}
