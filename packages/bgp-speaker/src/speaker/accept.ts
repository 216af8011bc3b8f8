import { isLinkLocal } from "@herald-lb/sansio";
import type { RejectionReason } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { feed } from "./feed.ts";
import { listenerOf } from "./listeners.ts";
import { sessionInRange } from "./ranges.ts";
import { takeSecond } from "./second-connection.ts";
import type { Connection, PeerState, SpeakerState } from "./state.ts";
import { type Transaction, updatePeer } from "./transaction.ts";
import { connectionTtl } from "./ttl.ts";

type TcpAccepted = Extract<SpeakerEvent, { type: "TcpAccepted" }>;

/** Gives a connection that a peer opened to the peer's session, or refuses it: nothing is kept of a stranger. */
export function acceptTcp(transaction: Transaction, event: TcpAccepted): void {
  const found = transaction.state.stopping === null ? findPeer(transaction, event) : "Stopping";
  if (typeof found === "string") return reject(transaction, event, found);
  const { config, fsm, connection, refusesUntil } = found;
  // RFC 4271 §8.2.2: Idle refuses every connection.
  if (fsm.name === "Idle" || (refusesUntil !== null && refusesUntil > transaction.now))
    return reject(transaction, event, "Idle");
  const { local, otherFamily, linkLocal } = event;
  const accepted: Connection = {
    id: event.connection,
    local: { local, ...(otherFamily && { otherFamily }), ...(linkLocal && { linkLocal }) },
    pending: new Uint8Array(0),
    unsent: 0,
    isAccepted: true,
  };
  const { name } = config;
  const ttl = connectionTtl(transaction.config, config);
  transaction.effects.push({ type: "AcceptTcp", peer: name, connection: event.connection, ...ttl });
  if (fsm.name !== "Active" || connection !== null) return takeSecond(transaction, name, accepted);
  updatePeer(transaction, name, { connection: accepted });
  feed(transaction, name, { type: "TcpConnectionConfirmed" });
}

function findPeer(transaction: Transaction, event: TcpAccepted): PeerState | RejectionReason {
  const { state } = transaction;
  const known = configuredPeer(state, event);
  if (known === null) return sessionInRange(transaction, event);
  if (isFor(known, event)) return known;
  feed(transaction, known.config.name, { type: "Tcp_CR_Invalid" });
  return "NotExpected";
}

/** The peer with the address, if possible one that takes the connection. */
function configuredPeer({ peers }: SpeakerState, event: TcpAccepted): PeerState | null {
  let known: PeerState | null = null;
  for (const peer of peers.values()) {
    const { address, interface: unnumbered } = peer.config;
    const isIt =
      address === undefined ? unnumbered === event.interface && isLinkLocal(event.address) : address === event.address;
    if (isIt && isFor(peer, event)) return peer;
    if (isIt) known = peer;
  }
  return known;
}

/** True where a peer takes connections that come in at this listener and this address of the node. */
function isFor({ config }: PeerState, { listener, local }: TcpAccepted): boolean {
  return listenerOf(config) === listener && (config.sourceAddress === undefined || config.sourceAddress === local);
}

function reject({ effects }: Transaction, { connection, address, port }: TcpAccepted, reason: RejectionReason): void {
  effects.push({ type: "RejectTcp", connection, address, port, reason });
}
