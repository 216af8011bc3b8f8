import { type Instant, instant } from "@herald-lb/sansio";
import { ANNOUNCE_INTERVAL, TELL_NUM } from "../constants.ts";
import type { InterfaceIndex } from "../interface.ts";
import { countClient } from "./client-count.ts";
import { tellingFrames } from "./client-frame.ts";
import { type Client, clientsOf } from "./client-table.ts";
import { isServedHere } from "./clients.ts";
import { mayAnnounceNow } from "./pacing.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { Announcement, ResponderState } from "./responder-state.ts";

// A client of a shared address is told alone, by a frame of its own: an announcement to all would move the others' clients as well.

/** Takes note that a client is served by another node from now on, which it has not confirmed. */
export function moveClient(
  state: ResponderState,
  client: Client,
  server: Client["server"],
  own: string,
  now: Instant,
): void {
  if (client.server === server) return;
  if (client.server === own) countClient(state, client.address, -1, now);
  if (server === own) countClient(state, client.address, 1, now);
  client.server = server;
  client.isConfirmed = false;
}

/** Tells clients that this node serves them, in this order, as fast as the pace of announcements allows. */
export function tellClients(
  state: ResponderState,
  clients: readonly Client[],
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { untold, told } = state.clients;
  for (const client of clients) {
    told.delete(client);
    untold.add(client);
  }
  tellNext(state, now, effects);
}

/** Tells the clients that this node serves on an interface once more, as after a change of its hardware address. */
export function tellOwnClients(
  state: ResponderState,
  { address, sharing }: Announcement,
  on: InterfaceIndex,
  now: Instant,
  effects: ResponderEffect[],
): void {
  if (sharing === null) return;
  const own = clientsOf(state.clients.table, address).filter(
    (client) => client.on === on && isServedHere(sharing, client),
  );
  tellClients(state, own, now, effects);
}

/** Tells a client once more a little later, unless it confirms meanwhile. */
export function tellAgain({ clients: { told, untold } }: ResponderState, client: Client, now: Instant): void {
  if (untold.has(client)) return;
  told.delete(client);
  told.set(client, { left: 1, at: instant(now + ANNOUNCE_INTERVAL) });
}

/** Tells what is due: the clients that wait for their turn, and those that were told and have not confirmed. */
export function tellNext(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  if (state.silent) return;
  const { untold, told } = state.clients;
  for (const client of untold) {
    if (!mayAnnounceNow(state, now)) break;
    untold.delete(client);
    tell(state, client, TELL_NUM, now, effects);
  }
  for (const [client, { left, at }] of told) {
    if (at > now) break;
    told.delete(client);
    if (!client.isConfirmed) tell(state, client, left, now, effects);
  }
}

/** When the next client is told; null while none is to be. */
export function tellDeadline({ clients: { untold, told }, pacing }: ResponderState): Instant | null {
  if (untold.size > 0) return pacing.batchEndsAt;
  return told.size === 0 ? null : (told.values().next().value?.at ?? null);
}

function tell(state: ResponderState, client: Client, left: number, now: Instant, effects: ResponderEffect[]): void {
  const { address, on } = client;
  const announcement = state.announcements.get(address);
  const iface = state.interfaces.get(on);
  // Another node serves it by now, or nobody does here.
  if (announcement?.sharing == null || !isServedHere(announcement.sharing, client)) return;
  if (iface === undefined || !announcement.on.has(on) || state.handingOver) return;
  for (const octets of tellingFrames(client, iface.interface.hardwareAddress))
    effects.push({ type: "SendFrame", on, octets, address, purpose: "Announcement", cause: "ClientMoved" });
  if (left > 1) state.clients.told.set(client, { left: left - 1, at: instant(now + ANNOUNCE_INTERVAL) });
}
