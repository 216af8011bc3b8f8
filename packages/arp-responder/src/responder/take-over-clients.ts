import { type Instant, instant } from "@herald-lb/sansio";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import { type Client, clientsOf } from "./client-table.ts";
import { type ActiveSharing, isServedHere, wantedServer } from "./clients.ts";
import { relayToJoined } from "./relaying.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { Announcement, ResponderState } from "./responder-state.ts";
import { moveClient, tellClients } from "./telling.ts";

/**
 * The time, in milliseconds, for which a node that has begun to serve takes no client over: it may not know every node yet that serves, and would
 * take the clients of one that it does not know for those of a lost one.
 */
export const SETTLING = 3_000;

/**
 * Brings the clients of a shared address in line with the nodes that serve it now, since which it was divided as `before` says: those of a node that serves no longer
 * have another, and with `rebalance` those of a node that joined have that. This node tells its own, and tells a node that joined of them. Only
 * for an address that is answered for: who cannot tell a client leaves it where it is.
 */
export function takeOverClients(
  state: ResponderState,
  announcement: Announcement,
  before: ActiveSharing | null,
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { sharing } = announcement;
  if (sharing === null) return;
  relayToJoined(state, announcement, now, effects);
  const from = instant(sharing.begunAt + SETTLING);
  if (now < from) {
    state.clients.settling.delete(announcement.address);
    state.clients.settling.set(announcement.address, from);
    return;
  }
  tellClients(state, takenOver(state, announcement, before, sharing, now), now, effects);
}

/** Takes over what this node left alone while it had just begun to serve. */
export function settleClients(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  const { settling } = state.clients;
  for (const [address, from] of settling) {
    if (from > now) break;
    settling.delete(address);
    const announcement = state.announcements.get(address);
    if (announcement !== undefined && announcement.on.size > 0)
      takeOverClients(state, announcement, null, now, effects);
  }
}

/** When the next address has settled; null for none. */
export function settlingDeadline({ clients: { settling } }: ResponderState): Instant | null {
  for (const from of settling.values()) return from;
  return null;
}

/** Gives the clients that must or may move their new nodes; returns those of this node. */
function takenOver(
  state: ResponderState,
  { address }: Announcement,
  before: ActiveSharing | null,
  after: ActiveSharing,
  now: Instant,
): readonly Client[] {
  const nodes = new Set(after.of.shares.nodes);
  const joined = after.of.rebalance && before !== null ? joinedBetween(before.of, after.of) : new Set<string>();
  const moved: Client[] = [];
  for (const client of clientsOf(state.clients.table, address)) {
    const wanted = wantedServer(after, client.bucket);
    const isServed = typeof client.server === "number" || nodes.has(client.server);
    if (client.server === wanted || (isServed && !joined.has(wanted))) continue;
    moveClient(state, client, wanted, after.of.node, now);
    if (isServedHere(after, client)) moved.push(client);
  }
  return moved;
}

/** The nodes that serve after and did not before, or have joined again meanwhile. */
function joinedBetween(before: LoadSharing, after: LoadSharing): ReadonlySet<string> {
  const known = new Set(before.shares.nodes);
  return new Set(
    after.shares.nodes.filter((node) => !known.has(node) || before.joins.get(node) !== after.joins.get(node)),
  );
}
