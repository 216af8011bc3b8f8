import { hardReset } from "../fsm/notification.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { feed } from "./feed.ts";
import { negotiatedOf, peerOf, type Transaction } from "./transaction.ts";

/** Ends a peer's session for good: as a Hard Reset where any other NOTIFICATION would have the peer keep the routes (RFC 8538 §3). */
export function endForGood(transaction: Transaction, name: string, notification: NotificationMessage): void {
  const keeps = negotiatedOf(peerOf(transaction, name))?.gracefulRestart?.notification === true;
  feed(transaction, name, { type: "ManualStop", notification: keeps ? hardReset(notification) : notification });
}

/**
 * Ends a peer's session because this speaker restarts: without a NOTIFICATION where that has the peer keep the routes (RFC 4724 §4.2). Before the
 * OPEN messages were exchanged the peer may keep those of the session before, so that our own offer decides.
 */
export function endForRestart(transaction: Transaction, name: string, notification: NotificationMessage): void {
  const peer = peerOf(transaction, name);
  const negotiated = negotiatedOf(peer);
  const isKept = negotiated === null ? peer.config.gracefulRestart !== undefined : negotiated.gracefulRestart !== null;
  if (isKept) feed(transaction, name, { type: "ManualStop", notification: null });
  else endForGood(transaction, name, notification);
}
