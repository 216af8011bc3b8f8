import { type BgpMessage, encodeMessage } from "../message/index.ts";
import { countMessage } from "./message-counts.ts";
import { notificationFacts } from "./notification-facts.ts";
import { amend, contextOf, peerOf, recordError, type Turn } from "./turn.ts";

/** Sends a message over a peer's connection. */
export function sendMessage(turn: Turn, name: string, message: BgpMessage): void {
  const peer = peerOf(turn, name);
  const { connection } = peer;
  if (connection === null) return;
  const octets = encodeMessage(message, contextOf(peer));
  amend(turn, name, {
    connection: { ...connection, unsent: connection.unsent + octets.length },
    sent: countMessage(peer.sent, message),
  });
  turn.effects.push({ type: "SendOctets", peer: name, connection: connection.id, octets });
  if (message.type !== "NOTIFICATION") return;
  const notification = notificationFacts(message);
  recordError(turn, name, { code: "NotificationSent", notification });
  turn.effects.push({ type: "NotificationSent", peer: name, notification });
}
