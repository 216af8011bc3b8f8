import type { Instant, IpAddress } from "@herald-lb/sansio";
import { serverOf } from "../sharing/client-shares.ts";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import { type Client, type ClientTable, createClientTable } from "./client-table.ts";

/** The frames by which a client is told of its node that are still to come. */
export interface Telling {
  left: number;
  readonly at: Instant;
}

/** The division of an address's clients, with what this node has done about it. */
export interface ActiveSharing {
  readonly of: LoadSharing;
  readonly salt: number;
  /** The nodes that were sent this node's clients, with the number of their joins at that time. */
  readonly relayedTo: Map<string, number>;
  /** When this node began to serve the address. */
  readonly begunAt: Instant;
  /** When the nodes changed last: for a moment they may not agree on who serves. */
  readonly changedAt: Instant;
}

/** All that the responder knows of the clients of shared addresses, and what it has to say about them. */
export interface Clients {
  readonly table: ClientTable;
  /** The other speakers by node: their hardware addresses as numbers. */
  speakers: ReadonlyMap<string, readonly number[]>;
  /** The node of each of those. */
  nodeOf: ReadonlyMap<number, string>;
  /** Clients that are to be told that this node serves them, the first first. */
  readonly untold: Set<Client>;
  /** Clients that were told, and are told again, in the order of the time. */
  readonly told: Map<Client, Telling>;
  /** The addresses that this node began to serve a moment ago, each with the time from which on it may take clients over, the earliest first. */
  readonly settling: Map<IpAddress, Instant>;
  /** Clients of this node that other nodes are to know, each with the names of those nodes. */
  readonly relaying: Map<Client, readonly string[]>;
  /** From then on the next of those may be sent. */
  relayAt: Instant;
  /** The number of clients that this node serves, by address. */
  readonly served: Map<IpAddress, number>;
  /** The numbers that were reported last. */
  readonly reported: Map<IpAddress, number>;
  /** When changed numbers are reported; null while none has changed. */
  reportAt: Instant | null;
  /** When numbers may be reported again. */
  reportAgainAt: Instant;
}

/** No clients. */
export function createClients(start: Instant): Clients {
  return {
    table: createClientTable(),
    speakers: new Map(),
    nodeOf: new Map(),
    untold: new Set(),
    told: new Map(),
    settling: new Map(),
    relaying: new Map(),
    relayAt: start,
    served: new Map(),
    reported: new Map(),
    reportAt: null,
    reportAgainAt: start,
  };
}

/** The node that a client is to be served by now. */
export function wantedServer({ of }: ActiveSharing, bucket: number): string {
  return serverOf(of.shares, bucket);
}

/** True where this node serves a client. */
export function isServedHere({ of }: ActiveSharing, { server }: Client): boolean {
  return server === of.node;
}
