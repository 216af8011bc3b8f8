import { type BgpMessage, encodeMessage } from "../message/index.ts";
import { countMessage } from "./message-counts.ts";
import { notificationFacts } from "./notification-facts.ts";
import { updatePeer, codecContextOf, peerOf, recordError, type Transaction } from "./transaction.ts";

/** Sends a message over a peer's connection. */
export function sendMessage(transaction: Transaction, name: string, message: BgpMessage): void {
  const peer = peerOf(transaction, name);
  const { connection } = peer;
  if (connection === null) return;
  const octets = encodeMessage(message, codecContextOf(peer));
  updatePeer(transaction, name, {
    connection: { ...connection, unsent: connection.unsent + octets.length },
    sent: countMessage(peer.sent, message),
  });
  transaction.effects.push({ type: "SendOctets", peer: name, connection: connection.id, octets });
  if (message.type !== "NOTIFICATION") return;
  const notification = notificationFacts(message);
  recordError(transaction, name, { code: "NotificationSent", notification });
  transaction.effects.push({ type: "NotificationSent", peer: name, notification });
}
