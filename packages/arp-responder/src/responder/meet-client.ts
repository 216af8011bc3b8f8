import type { Instant } from "@herald-lb/sansio";
import { ANNOUNCE_INTERVAL } from "../constants.ts";
import { countClient, forgetClient } from "./client-count.ts";
import { addClient, type Client, type ClientFacts, confirmClient, findClient, touchClient } from "./client-table.ts";
import { type ActiveSharing, wantedServer } from "./clients.ts";
import { relayClient } from "./relaying.ts";
import type { IgnoreReason, ResponderEffect } from "./responder-effect.ts";
import type { ResponderState } from "./responder-state.ts";
import { moveClient, tellAgain, tellClients } from "./telling.ts";

/** A station that asks for a shared address. */
export interface Asker extends ClientFacts {
  /** The source of the frame, as a number of 48 bits. */
  readonly source: number;
  /** True where the frame went to all, or to the group of the address: every speaker has it. */
  readonly isToAll: boolean;
  /** True for an ARP Probe or a solicitation of duplicate address detection: it has no address yet, and is no client. */
  readonly isProbe: boolean;
}

/**
 * Decides whether this node answers a request for a shared address, and takes note of the client. Null to answer. What is sent to all, the node of the client's
 * bucket answers, by what all nodes know and nothing that one alone remembers. What is sent to this node alone, it answers: the client has its
 * hardware address, and would lose what it has open by a change.
 */
export function meetClient(
  state: ResponderState,
  sharing: ActiveSharing,
  asker: Asker,
  now: Instant,
  effects: ResponderEffect[],
): IgnoreReason | null {
  const { node } = sharing.of;
  const wanted = wantedServer(sharing, asker.bucket);
  if (asker.isProbe) return asker.isToAll && wanted !== node ? "ServedByAnother" : null;
  if (!asker.isToAll && asker.source !== asker.hardwareAddress) {
    // An answer would take the client away from the speaker, which may be known only by its hardware address so far.
    learnRelayed(state, sharing, asker, state.clients.nodeOf.get(asker.source) ?? asker.source, now, effects);
    return "ClientRelayed";
  }
  const server = asker.isToAll ? wanted : node;
  const client = noteServer(state, asker, server, node, now);
  if (!asker.isToAll && !client.isConfirmed) {
    confirmClient(state.clients.table, client);
    relayClient(state, sharing, client, now, effects);
  }
  if (server !== node) return "ServedByAnother";
  // Another node may have answered as well, one that does not know yet who serves.
  if (asker.isToAll && now < sharing.changedAt + ANNOUNCE_INTERVAL) tellAgain(state, client, now);
  return null;
}

/** Takes note of a client that another speaker serves, or with `rebalance` takes it over where it is this node's. */
function learnRelayed(
  state: ResponderState,
  sharing: ActiveSharing,
  asker: Asker,
  by: Client["server"],
  now: Instant,
  effects: ResponderEffect[],
): void {
  const { node, rebalance } = sharing.of;
  // With `rebalance` the client is taken over by its own node at once, which all know.
  const server = rebalance ? wantedServer(sharing, asker.bucket) : by;
  if (server === node && findClient(state.clients.table, asker)?.server === node) return;
  const client = noteServer(state, asker, server, node, now);
  if (server === node) tellClients(state, [client], now, effects);
  else if (server === by) confirmClient(state.clients.table, client);
}

/** Remembers who serves a client. */
function noteServer(
  state: ResponderState,
  { address, hardwareAddress, client, bucket, on, source, isToAll }: Asker,
  server: Client["server"],
  own: string,
  now: Instant,
): Client {
  const { clients } = state;
  const known = findClient(clients.table, { address, hardwareAddress });
  if (known === undefined) {
    const made: Client = { address, hardwareAddress, client, bucket, on, askedAt: now, server, isConfirmed: false };
    const forgotten = addClient(clients.table, made);
    if (server === own) countClient(state, address, 1, now);
    if (forgotten !== null) forgetClient(state, forgotten, own, now);
    return made;
  }
  // A station that confirms its entry may do so from another address than that for which the entry was made.
  if (isToAll || source !== hardwareAddress) {
    known.client = client;
    known.bucket = bucket;
  }
  known.on = on;
  touchClient(clients.table, known, now);
  moveClient(state, known, server, own, now);
  return known;
}
