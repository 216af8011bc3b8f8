import { type Instant, type MacAddress, macToOctets } from "@herald-lb/sansio";
import { hardwareAddressNumber } from "../octet-numbers.ts";
import { saltOf } from "../sharing/client-bucket.ts";
import { isSameSharing, type LoadSharing } from "../sharing/load-sharing.ts";
import { restartAnnouncing } from "./announcing.ts";
import { clientsOf } from "./client-table.ts";
import { type ActiveSharing, isServedHere } from "./clients.ts";
import { forgetClient } from "./client-count.ts";
import { cancelRefresh } from "./refresh.ts";
import { relayToJoined } from "./relaying.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { Announcement, ResponderState } from "./responder-state.ts";
import { takeOverClients } from "./take-over-clients.ts";

/** Takes how the clients of an address are divided from now on, by what its keys request: the clients of a node that serves no longer are told, and those that another takes over. */
export function changeSharing(
  state: ResponderState,
  announcement: Announcement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const before = announcement.sharing;
  const of = sharingOf(announcement);
  if (of === null ? before === null : before !== null && isSameSharing(of, before.of)) return;
  announcement.sharing = of === null ? null : activeSharing(announcement, of, now);
  const after = announcement.sharing;
  if (after === null) return announceToAll(state, announcement, now, effects);
  if (before === null) forgetOwnClients(state, announcement, now);
  // What goes on would tell every client of this node.
  for (const active of announcement.on.values()) {
    state.announcing.delete(active);
    state.pacing.waiting.delete(active);
    cancelRefresh(state, active);
    active.announceTimer = null;
    active.announcementsLeft = 0;
  }
  if (announcement.on.size > 0) takeOverClients(state, announcement, before, now, effects);
}

/** Takes the hardware addresses of the other speakers, by node, and tells those of clients that waited for it. */
export function learnSpeakers(
  state: ResponderState,
  speakers: ReadonlyMap<string, readonly MacAddress[]>,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { clients } = state;
  const numbers = [...speakers].map(([node, addresses]): [string, readonly number[]] => [
    node,
    addresses.map((address) => hardwareAddressNumber(macToOctets(address), 0)),
  ]);
  clients.speakers = new Map(numbers);
  clients.nodeOf = new Map(numbers.flatMap(([node, stations]) => stations.map((station) => [station, node])));
  for (const clientsOfAddress of clients.table.byAddress.values())
    for (const client of clientsOfAddress.values())
      if (typeof client.server === "number") client.server = clients.nodeOf.get(client.server) ?? client.server;
  for (const announcement of state.announcements.values()) relayToJoined(state, announcement, now, effects);
}

/**
 * Forgets the clients that this node served before it was silent: others may serve them by now, and tell this node if they do. A client that is still
 * this node's confirms its entry.
 */
export function forgetOwnClients(
  state: ResponderState,
  { address, sharing }: Pick<Announcement, "address" | "sharing">,
  now: Instant,
): void {
  if (sharing === null) return;
  for (const client of clientsOf(state.clients.table, address))
    if (isServedHere(sharing, client)) forgetClient(state, client, sharing.of.node, now);
  state.clients.reported.delete(address);
}

function sharingOf({ requestedBy }: Announcement): LoadSharing | null {
  for (const { sharing } of requestedBy.values()) if (sharing !== null) return sharing;
  return null;
}

function activeSharing({ address, sharing }: Announcement, of: LoadSharing, now: Instant): ActiveSharing {
  const nodes = new Set(of.shares.nodes);
  // The nodes that serve already when this one begins have heard what it has.
  const relayedTo = new Map([...(sharing?.relayedTo ?? of.joins)].filter(([node]) => nodes.has(node)));
  const { salt = saltOf(address), begunAt = now } = sharing ?? {};
  return { of, salt, begunAt, relayedTo, changedAt: now };
}

function announceToAll(
  state: ResponderState,
  { on, requestedBy }: Announcement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  if (requestedBy.size === 0) return;
  for (const active of on.values())
    if (active.yieldTimer === null) restartAnnouncing(state, active, now, "Requested", effects);
}
