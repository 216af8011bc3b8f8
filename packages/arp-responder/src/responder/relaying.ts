import { type Instant, instant } from "@herald-lb/sansio";
import { macOfNumber, relayFrame } from "./client-frame.ts";
import { type Client, clientsOf } from "./client-table.ts";
import { type ActiveSharing, isServedHere } from "./clients.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { Announcement, ResponderState } from "./responder-state.ts";

// Every speaker hears the requests that are sent to all, but a client that confirms its neighbour entry asks its node alone, and a speaker that just started
// has heard nothing. So each node tells the others what they did not hear: of a client, when it first asks this node alone; of all its clients, when a node joins.

/** The number of clients that are relayed in one batch, and the milliseconds between two batches: 4,000 clients a second. */
const RELAY_BATCH = 32;
const RELAY_INTERVAL = 8;

/** Tells the other nodes that serve an address that this one serves a client of it. */
export function relayClient(
  state: ResponderState,
  { of }: ActiveSharing,
  client: Client,
  now: Instant,
  effects: ResponderEffect[],
): void {
  state.clients.relaying.set(
    client,
    of.shares.nodes.filter((node) => node !== of.node),
  );
  relayNext(state, now, effects);
}

/** Tells nodes that serve an address, and have joined since, of the clients that this node serves. One whose hardware address is not known waits. */
export function relayToJoined(
  state: ResponderState,
  { address, sharing }: Announcement,
  now: Instant,
  effects: ResponderEffect[],
): void {
  if (sharing === null) return;
  const { of, relayedTo } = sharing;
  const joined = of.shares.nodes.filter((node) => node !== of.node && relayedTo.get(node) !== of.joins.get(node));
  for (const node of joined) {
    if (!state.clients.speakers.has(node)) continue;
    relayedTo.set(node, of.joins.get(node) ?? 0);
    for (const client of clientsOf(state.clients.table, address)) {
      // Those that joined take over at once what they do not know yet.
      if (!isServedHere(sharing, client) && !joined.includes(String(client.server))) continue;
      const others = state.clients.relaying.get(client) ?? [];
      if (!others.includes(node)) state.clients.relaying.set(client, [...others, node]);
    }
  }
  relayNext(state, now, effects);
}

/** Sends the relays that are due. */
export function relayNext(state: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  const { clients } = state;
  if (state.silent || clients.relaying.size === 0 || now < clients.relayAt) return;
  clients.relayAt = instant(now + RELAY_INTERVAL);
  let left = RELAY_BATCH;
  for (const [client, nodes] of clients.relaying) {
    if (left-- === 0) return;
    clients.relaying.delete(client);
    relay(state, client, nodes, effects);
  }
}

/** When the next relays are sent; null while none are to be. */
export function clientRelayDeadline({ clients: { relaying, relayAt } }: ResponderState): Instant | null {
  return relaying.size === 0 ? null : relayAt;
}

function relay(state: ResponderState, client: Client, nodes: readonly string[], effects: ResponderEffect[]): void {
  const { address, on } = client;
  const iface = state.interfaces.get(on);
  if (iface === undefined || state.announcements.get(address)?.on.has(on) !== true) return;
  const from = iface.interface.hardwareAddress;
  for (const station of nodes.flatMap((node) => state.clients.speakers.get(node) ?? [])) {
    const octets = relayFrame(client, from, macOfNumber(station));
    effects.push({ type: "SendFrame", on, octets, address, purpose: "Relay", cause: null });
  }
}
