import { deepEqual, type Instant, macToOctets } from "@herald-lb/sansio";
import { restartAnnouncing } from "./announcing.ts";
import type { Interface, InterfaceIndex } from "../interface.ts";
import { hardwareAddressNumber } from "../octet-numbers.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import { createInterfaceState, type InterfaceState, removeIfUnused, type ResponderState } from "./responder-state.ts";
import { joinSegments, leaveSegment } from "./shared-segment.ts";
import { settle } from "./tentative.ts";
import { endOn, updateAnnouncement } from "./update.ts";

/** Takes all interfaces there are now: announces on new ones, and anew where a hardware address changed; forgets those that are gone. */
export function followInterfaces(
  state: ResponderState,
  interfaces: readonly Interface[],
  now: Instant,
): readonly ResponderEffect[] {
  const effects: ResponderEffect[] = [];
  const present = new Map(interfaces.map((each) => [each.index, each]));
  state.ownHardwareAddresses.clear();
  for (const each of present.values())
    state.ownHardwareAddresses.add(hardwareAddressNumber(macToOctets(each.hardwareAddress), 0));
  const neighbours = new Set<InterfaceIndex>();
  for (const [on, gone] of state.interfaces) {
    if (present.has(on)) continue;
    for (const other of leaveSegment(state, gone)) neighbours.add(other);
    removeInterface(state, on, effects);
  }
  for (const each of present.values())
    for (const other of changeInterface(state, each, now, effects)) neighbours.add(other);
  // An interface on the segment of one that changed serves in its place from now on, or no longer.
  for (const announcement of state.announcements.values())
    for (const on of neighbours) updateAnnouncement(state, announcement, on, now, "InterfaceChanged", effects);
  return effects;
}

function removeInterface(state: ResponderState, on: InterfaceIndex, effects: ResponderEffect[]): void {
  state.interfaces.delete(on);
  for (const announcement of state.announcements.values()) {
    endOn(state, announcement, on, effects);
    removeIfUnused(state, announcement);
  }
}

/** Takes one interface, and returns those of its segment that may have to serve in its place, or no longer. */
function changeInterface(
  state: ResponderState,
  to: Interface,
  now: Instant,
  effects: ResponderEffect[],
): readonly InterfaceIndex[] {
  const before = state.interfaces.get(to.index);
  if (before !== undefined && isSame(before.interface, to)) return [];
  const present = createInterfaceState(to, before);
  state.interfaces.set(to.index, present);
  const neighbours = followSegment(state, present);
  const moved =
    before !== undefined &&
    (before.interface.hardwareAddress !== to.hardwareAddress ||
      before.interface.peerNotifications !== to.peerNotifications);
  for (const announcement of state.announcements.values()) {
    const active = announcement.on.get(to.index);
    updateAnnouncement(state, announcement, to.index, now, "InterfaceChanged", effects);
    settle(announcement, effects);
    removeIfUnused(state, announcement);
    if (moved && active !== undefined && announcement.on.get(to.index) === active)
      restartAnnouncing(state, active, now, "InterfaceChanged", effects);
  }
  return neighbours;
}

/** Keeps what is known of an interface's segment up to date. */
function followSegment(state: ResponderState, iface: InterfaceState): readonly InterfaceIndex[] {
  const { index, up, carrier, macvlanOf } = iface.interface;
  // The cable may come back at another switch.
  if (!up || !carrier) return leaveSegment(state, iface);
  // A macvlan and what it is on hear the same requests, and not each other's frames.
  for (const other of state.interfaces.values())
    if (other.interface.index === macvlanOf || other.interface.macvlanOf === index) joinSegments(iface, other);
  return [...iface.sharesSegmentWith];
}

function isSame(a: Interface, b: Interface): boolean {
  return (
    a.name === b.name &&
    a.hardwareAddress === b.hardwareAddress &&
    a.up === b.up &&
    a.carrier === b.carrier &&
    a.linkLocalAddress === b.linkLocalAddress &&
    a.macvlanOf === b.macvlanOf &&
    deepEqual(a.prefixes, b.prefixes) &&
    a.peerNotifications === b.peerNotifications
  );
}
