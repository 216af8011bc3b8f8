import { unreachable } from "@herald-lb/sansio";
import { splitFrames } from "../framing.ts";
import type { FsmEvent } from "../fsm/event.ts";
import { ErrorCode } from "../iana.ts";
import { type BgpMessage, decodeMessage } from "../message/index.ts";
import type { UpdateMessage } from "../message/update.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { refresh } from "./advertise.ts";
import { settleCollision } from "./collision.ts";
import { feed } from "./feed.ts";
import { countMessage } from "./message-counts.ts";
import { notificationFacts } from "./notification-facts.ts";
import { peerOf, RECEIVED_LENGTH, receiveContextOf, recordError, type Transaction, updatePeer } from "./transaction.ts";

/** Takes octets from a peer's connection, and every whole message in them in turn, until one of them ends the connection. */
export function receiveOctets(transaction: Transaction, name: string, octets: Uint8Array): void {
  const { connection } = peerOf(transaction, name);
  if (connection === null) return;
  const split = splitFrames(connection.pending, octets, RECEIVED_LENGTH);
  updatePeer(transaction, name, { connection: { ...connection, pending: split.pending } });
  for (const frame of split.frames) {
    receiveFrame(transaction, name, frame);
    if (peerOf(transaction, name).connection?.id !== connection.id) return;
  }
  if (split.error !== null) feed(transaction, name, errorEvent(split.error.notification));
}

function receiveFrame(transaction: Transaction, name: string, frame: Uint8Array): void {
  const peer = peerOf(transaction, name);
  const decoded = decodeMessage(frame, receiveContextOf(peer));
  if (decoded.ok) {
    const { connection } = peer;
    if (decoded.value.type === "OPEN" && connection !== null)
      updatePeer(transaction, name, { connection: { ...connection, receivedOpen: frame.slice() } });
    return receiveMessage(transaction, name, decoded.value, frame);
  }
  // RFC 7606 §2: where only routes of the peer are in doubt the session lives; this speaker keeps no routes of peers.
  if (decoded.error.outcome !== "session-reset")
    return receiveMessage(transaction, name, decoded.error.received, frame);
  feed(transaction, name, errorEvent(decoded.error.notification));
}

function receiveMessage(transaction: Transaction, name: string, message: BgpMessage, frame: Uint8Array): void {
  updatePeer(transaction, name, { received: countMessage(peerOf(transaction, name).received, message) });
  switch (message.type) {
    case "OPEN":
      if (!settleCollision(transaction, name, message)) return;
      return feed(transaction, name, { type: "BGPOpen", open: message });
    case "KEEPALIVE":
      return feed(transaction, name, { type: "KeepAliveMsg" });
    case "UPDATE":
      countRefused(transaction, name, message);
      return feed(transaction, name, { type: "UpdateMsg" });
    case "ROUTE-REFRESH":
      feed(transaction, name, { type: "UpdateMsg" });
      return refresh(transaction, name, message);
    case "NOTIFICATION":
      return receiveNotification(transaction, name, message, frame);
    default:
      return unreachable(message);
  }
}

/** No route of a peer is used: what it announces is counted and forgotten. */
function countRefused(transaction: Transaction, name: string, { nlri, pathAttributes }: UpdateMessage): void {
  let count = nlri.length;
  for (const each of pathAttributes) if (each.type === "MP_REACH_NLRI" && "nlri" in each) count += each.nlri.length;
  if (count === 0) return;
  updatePeer(transaction, name, { refusedPrefixes: peerOf(transaction, name).refusedPrefixes + count });
}

function receiveNotification(
  transaction: Transaction,
  name: string,
  message: NotificationMessage,
  frame: Uint8Array,
): void {
  const notification = notificationFacts(message);
  recordError(transaction, name, { code: "NotificationReceived", notification });
  transaction.effects.push({ type: "NotificationReceived", peer: name, notification, octets: frame });
  const isVersion = message.code === ErrorCode.OpenMessageError && message.subcode === 1;
  feed(transaction, name, isVersion ? { type: "NotifMsgVerErr" } : { type: "NotifMsg", notification: message });
}

function errorEvent(notification: NotificationMessage): FsmEvent {
  switch (notification.code) {
    case ErrorCode.MessageHeaderError:
      return { type: "BGPHeaderErr", notification };
    case ErrorCode.OpenMessageError:
      return { type: "BGPOpenMsgErr", notification };
    default:
      return { type: "UpdateMsgErr", notification };
  }
}
