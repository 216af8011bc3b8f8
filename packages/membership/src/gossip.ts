import { instant } from "@herald-lb/sansio";
import { isUp, type Member } from "./member.ts";
import { drawSome } from "./random.ts";
import { sendBroadcasts } from "./send.ts";
import type { Transaction } from "./transaction.ts";

/** Sends broadcasts to a few nodes, also to recently dead ones: a node that is wrongly called dead must learn of it to refute. */
export function gossip(transaction: Transaction): void {
  const { gossipNodes } = transaction.setup.profile;
  const hearers = [...transaction.members.values()].filter((member) => hears(transaction, member));
  for (const member of drawSome(transaction, hearers, gossipNodes)) if (!sendBroadcasts(transaction, member)) break;
  transaction.lastGossip = transaction.now;
  // Without another member broadcasts do not keep the node awake; a new member gets them by push/pull.
  transaction.nextGossip = null;
  if (hearers.length === 0) transaction.broadcasts = [];
}

/** Plans the next round: at once after a pause, otherwise an interval after the last round; none while no broadcast is queued. */
export function planGossip(transaction: Transaction): void {
  if (transaction.broadcasts.length === 0 || transaction.name === "Stopped" || transaction.name === "Left") {
    transaction.nextGossip = null;
    return;
  }
  const earliest =
    transaction.lastGossip === null
      ? transaction.now
      : transaction.lastGossip + transaction.setup.profile.gossipInterval;
  transaction.nextGossip ??= instant(Math.max(transaction.now, earliest));
}

function hears(transaction: Transaction, member: Member): boolean {
  if (member.name === transaction.self) return false;
  if (isUp(member)) return true;
  return (
    member.state === "dead" && transaction.now - member.stateChangedAt <= transaction.setup.profile.gossipToTheDeadTime
  );
}
