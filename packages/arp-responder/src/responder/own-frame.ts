import type { Instant, IpAddress, MacAddress } from "@herald-lb/sansio";
import { restartAnnouncing } from "./announcing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceState, ResponderState } from "./responder-state.ts";
import { joinSegments } from "./shared-segment.ts";
import { updateAnnouncement } from "./update.ts";

/**
 * Takes a frame of this node that came back. Where one interface receives what another announced, both are on one segment, and the one with the
 * lower index announces and answers for both from now on.
 */
export function takeOwnFrame(
  state: ResponderState,
  iface: InterfaceState,
  { source, claims }: { readonly source: MacAddress; readonly claims: IpAddress },
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { index, hardwareAddress } = iface.interface;
  if (source === hardwareAddress) return;
  for (const on of state.announcements.get(claims)?.on.keys() ?? []) {
    const sender = state.interfaces.get(on);
    if (on === index || sender?.interface.hardwareAddress !== source) continue;
    if (joinSegments(iface, sender)) leaveToLower(state, Math.min(index, on), Math.max(index, on), now, effects);
    return;
  }
}

/** Stops at the higher of two interfaces, and announces at the lower one again what neighbours may know from the higher one. */
function leaveToLower(
  state: ResponderState,
  lower: number,
  higher: number,
  now: Instant,
  effects: ResponderEffect[],
): void {
  for (const announcement of state.announcements.values()) {
    const wasThere = announcement.on.has(higher);
    updateAnnouncement(state, announcement, higher, now, "InterfaceChanged", effects);
    const active = announcement.on.get(lower);
    if (wasThere && active !== undefined && active.yieldTimer === null)
      restartAnnouncing(state, active, now, "InterfaceChanged", effects);
  }
}
