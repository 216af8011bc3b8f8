import { unreachable } from "@herald-lb/sansio";
import { splitFrames } from "../framing.ts";
import type { FsmEvent } from "../fsm/event.ts";
import { ErrorCode } from "../iana.ts";
import { type BgpMessage, decodeMessage } from "../message/index.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { refresh } from "./advertise.ts";
import { feed } from "./feed.ts";
import { countMessage } from "./message-counts.ts";
import { notificationFacts } from "./notification-facts.ts";
import { amend, contextOf, peerOf, recordError, type Turn } from "./turn.ts";

/** Takes octets from a peer's connection, and every whole message in them in turn, until one of them ends the connection. */
export function receiveOctets(turn: Turn, name: string, octets: Uint8Array): void {
  const { connection } = peerOf(turn, name);
  if (connection === null) return;
  const split = splitFrames(connection.pending, octets, 4096);
  amend(turn, name, { connection: { ...connection, pending: split.pending } });
  for (const frame of split.frames) {
    receiveFrame(turn, name, frame);
    if (peerOf(turn, name).connection?.id !== connection.id) return;
  }
  if (split.error !== null) feed(turn, name, errorEvent(split.error.notification));
}

function receiveFrame(turn: Turn, name: string, frame: Uint8Array): void {
  const peer = peerOf(turn, name);
  const decoded = decodeMessage(frame, contextOf(peer));
  if (decoded.ok) return receiveMessage(turn, name, decoded.value);
  // RFC 7606 §2: where only routes of the peer are in doubt the session lives; this speaker keeps no routes of peers.
  if (decoded.error.outcome !== "session-reset") return receiveMessage(turn, name, decoded.error.received);
  feed(turn, name, errorEvent(decoded.error.notification));
}

function receiveMessage(turn: Turn, name: string, message: BgpMessage): void {
  amend(turn, name, { received: countMessage(peerOf(turn, name).received, message) });
  switch (message.type) {
    case "OPEN":
      return feed(turn, name, { type: "BGPOpen", open: message });
    case "KEEPALIVE":
      return feed(turn, name, { type: "KeepAliveMsg" });
    case "UPDATE":
      return feed(turn, name, { type: "UpdateMsg" });
    case "ROUTE-REFRESH":
      feed(turn, name, { type: "UpdateMsg" });
      return refresh(turn, name, message);
    case "NOTIFICATION":
      return receiveNotification(turn, name, message);
    default:
      return unreachable(message);
  }
}

function receiveNotification(turn: Turn, name: string, message: NotificationMessage): void {
  const notification = notificationFacts(message);
  recordError(turn, name, { code: "NotificationReceived", notification });
  turn.effects.push({ type: "NotificationReceived", peer: name, notification });
  const isVersion = message.code === ErrorCode.OpenMessageError && message.subcode === 1;
  feed(turn, name, isVersion ? { type: "NotifMsgVerErr" } : { type: "NotifMsg", notification: message });
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
