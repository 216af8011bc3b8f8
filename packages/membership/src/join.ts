import { instant } from "@herald-lb/sansio";
import { isUp } from "./member.ts";
import { type TransportAddress, transportAddressKey } from "./transport-address.ts";
import { pushPullOf } from "./merge.ts";
import { drawFraction, drawSome } from "./random.ts";
import { planRevival } from "./revive.ts";
import { dialStream } from "./streams.ts";
import { pushPullScale } from "./timing.ts";
import { ownMember, type Transaction } from "./transaction.ts";

/** The number of peers that are joined at a time: one that answers brings the state of all. */
const JOINS_AT_ONCE = 3;

/** Sets the peers that should be members, and joins at once those that are not. */
export function setPeers(transaction: Transaction, peers: readonly TransportAddress[]): void {
  transaction.peers = peers;
  planRevival(transaction);
  if (transaction.name === "Running") beginJoining(transaction);
}

/** Begins a round of joining: every wanted peer that is not alive, in random order. */
export function beginJoining(transaction: Transaction): void {
  const missing = missingPeers(transaction);
  const joining = new Set(
    [...transaction.streams.values()]
      .filter((stream) => stream.purpose === "Join")
      .map((stream) => transportAddressKey(stream.peer)),
  );
  transaction.joinQueue = drawSome(
    transaction,
    missing.filter((peer) => !joining.has(transportAddressKey(peer))),
  );
  transaction.nextJoin =
    transaction.peers.length === 0 ? null : instant(transaction.now + transaction.setup.profile.rejoinInterval);
}

/** Opens streams to the peers whose turn it is; those who came meanwhile are passed over. */
export function continueJoining(transaction: Transaction): void {
  if (transaction.joinQueue.length === 0 || transaction.name !== "Running") return;
  const active = [...transaction.streams.values()].filter((stream) => stream.purpose === "Join").length;
  const room = JOINS_AT_ONCE - active;
  if (room <= 0) return;
  const missing = new Set(missingPeers(transaction).map(transportAddressKey));
  const queue = transaction.joinQueue.filter((peer) => missing.has(transportAddressKey(peer)));
  transaction.joinQueue = queue.slice(room);
  for (const peer of queue.slice(0, room)) dialStream(transaction, "Join", peer, pushPullOf(transaction, true));
}

/** Exchanges views with one living node. */
export function pushPull(transaction: Transaction): void {
  planPushPull(transaction, 0);
  const others = [...transaction.members.values()].filter(
    (member) => member.state === "alive" && member.name !== transaction.self,
  );
  for (const member of drawSome(transaction, others, 1))
    dialStream(transaction, "PushPull", member, pushPullOf(transaction, false));
}

/** Plans the next exchange an interval from now, and `stagger` (0 to 1) of one more. */
export function planPushPull(transaction: Transaction, randomStagger: number): void {
  const interval = pushPullScale(transaction.setup.profile.pushPullInterval, transaction.members.size);
  transaction.nextPushPull = instant(transaction.now + interval * (1 + randomStagger));
}

/** A random part of an interval, so that nodes that started together do not stay in step. */
export function randomStagger(transaction: Transaction): number {
  return drawFraction(transaction);
}

function missingPeers(transaction: Transaction): TransportAddress[] {
  const there = new Set([...transaction.members.values()].filter(isUp).map(transportAddressKey));
  there.add(transportAddressKey(ownMember(transaction)));
  return transaction.peers.filter((peer) => !there.has(transportAddressKey(peer)));
}
