import { type BgpMessage, encodeMessage } from "../message/index.ts";
import { RUN_OCTETS, type UpdateRun } from "../rib/subgroup-updates.ts";
import { countMessage } from "./message-counts.ts";
import { notificationFacts } from "./notification-facts.ts";
import type { PeerState } from "./state.ts";
import { lengthTo, updatePeer, sendContextOf, peerOf, recordError, type Transaction } from "./transaction.ts";

/** The most octets of routes that may wait for a peer, 256 KiB: twice what a socket of Linux begins with. */
const MAX_UNSENT = 262_144;

/** True where no further UPDATE messages are to be made for a peer before the kernel has taken some. */
export function isFull(peer: PeerState): boolean {
  const { connection } = peer;
  // The last message of a run may be as long as the peer takes.
  return connection !== null && connection.unsent + RUN_OCTETS + lengthTo(peer) > MAX_UNSENT;
}

/** Sends UPDATE messages over a peer's connection. */
export function sendUpdates(transaction: Transaction, name: string, run: UpdateRun): void {
  const { connection, sent } = peerOf(transaction, name);
  if (connection === null) return;
  updatePeer(transaction, name, {
    connection: { ...connection, unsent: connection.unsent + run.octets.length },
    sent: { ...sent, update: sent.update + run.count },
  });
  transaction.effects.push({ type: "SendOctets", peer: name, connection: connection.id, octets: run.octets });
}

/** Sends a message over a peer's connection. */
export function sendMessage(transaction: Transaction, name: string, message: BgpMessage): void {
  const peer = peerOf(transaction, name);
  const { connection } = peer;
  if (connection === null) return;
  const octets = encodeMessage(message, sendContextOf(peer));
  updatePeer(transaction, name, {
    connection: {
      ...connection,
      unsent: connection.unsent + octets.length,
      ...(message.type === "OPEN" ? { sentOpen: octets.slice() } : {}),
    },
    sent: countMessage(peer.sent, message),
  });
  transaction.effects.push({ type: "SendOctets", peer: name, connection: connection.id, octets });
  if (message.type !== "NOTIFICATION") return;
  const notification = notificationFacts(message);
  recordError(transaction, name, { code: "NotificationSent", notification });
  transaction.effects.push({ type: "NotificationSent", peer: name, notification, octets });
}
