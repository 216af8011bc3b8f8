import { instant } from "@herald-lb/sansio";
import { drawJitter } from "../fsm/timers.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { endForGood } from "./end-session.ts";
import { dropTcp, feed } from "./feed.ts";
import type { Connection } from "./state.ts";
import { peerOf, type Transaction, updatePeer } from "./transaction.ts";

/** The pause after a second connection that failed, in milliseconds: what a peer can make this node do for nothing is bounded by it. */
const REFUSAL_TIME = 1_000;

/**
 * Does something to the second connection of a peer as it is done to the first: the functions that read, write and feed know one connection, the one
 * in hand. A second connection is never Established: with the peer's OPEN it becomes the first, or is closed.
 */
export function onSecond(transaction: Transaction, name: string, work: () => void): void {
  const peer = peerOf(transaction, name);
  const { fsm, connection, second } = peer;
  if (second === null) return;
  updatePeer(transaction, name, { ...second, second: { fsm, connection }, secondInHand: true });
  work();
  const { second: first, secondInHand } = peerOf(transaction, name);
  if (!secondInHand || first === null) return;
  const hasEnded = peer.connection === null;
  updatePeer(transaction, name, {
    ...first,
    second: hasEnded ? null : { fsm: peer.fsm, connection: peer.connection },
    secondInHand: false,
    ...(hasEnded ? { refusesUntil: instant(transaction.now + REFUSAL_TIME) } : {}),
  });
}

/** Takes a connection of the peer beside the first one, in place of an earlier one that has not got as far as the peer's OPEN. */
export function takeSecond(transaction: Transaction, name: string, connection: Connection): void {
  onSecond(transaction, name, () => dropTcp(transaction, name, false));
  transaction.state.random = drawJitter(transaction.state.random).random;
  const { connectRetryCounter } = peerOf(transaction, name).fsm;
  const timers = { connectRetryTimer: null, delayOpenTimer: null };
  updatePeer(transaction, name, {
    refusesUntil: null,
    second: { fsm: { name: "Active", connectRetryCounter, random: transaction.state.random, ...timers }, connection },
  });
  onSecond(transaction, name, () => feed(transaction, name, { type: "TcpConnectionConfirmed" }));
}

/** Gives up the first connection, be it in hand or not, and goes on with the second as the only one. */
export function keepSecond(transaction: Transaction, name: string): void {
  const peer = peerOf(transaction, name);
  const { fsm, connection, second: other } = peer;
  if (other === null) return;
  const [first, second] = peer.secondInHand ? [other, { fsm, connection }] : [{ fsm, connection }, other];
  updatePeer(transaction, name, { ...first, second: null, secondInHand: false });
  if (first.fsm.name === "Established") {
    // RFC 4724 §4.2: without a NOTIFICATION, which would end the restart.
    dropTcp(transaction, name, false);
    feed(transaction, name, { type: "TcpConnectionFails" });
  } else feed(transaction, name, { type: "OpenCollisionDump" });
  const from = peerOf(transaction, name).fsm.name;
  updatePeer(transaction, name, second);
  const to = second.fsm.name;
  if (from !== to)
    transaction.effects.push({ type: "PeerStateChanged", peer: name, from, to, on: "TcpConnectionConfirmed" });
}

/** Ends both connections of a peer, where they are open: with a Cease, unless `end` is `endForRestart` and the peer keeps the routes then. */
export function stopPeer(
  transaction: Transaction,
  name: string,
  notification: NotificationMessage,
  end: typeof endForGood = endForGood,
): void {
  onSecond(transaction, name, () => end(transaction, name, notification));
  end(transaction, name, notification);
}
