import { instant } from "@herald-lb/sansio";
import { isUp, type Member } from "./member.ts";
import { drawSome } from "./random.ts";
import { sendNews } from "./send.ts";
import type { Transaction } from "./transaction.ts";

/** Sends the news to a few nodes, those lately dead among them: a dead node that lives after all must hear of it to object. */
export function gossip(transaction: Transaction): void {
  const { gossipNodes } = transaction.setup.profile;
  const hearers = [...transaction.members.values()].filter((member) => hears(transaction, member));
  for (const member of drawSome(transaction, hearers, gossipNodes)) if (!sendNews(transaction, member)) break;
  transaction.lastGossip = transaction.now;
  // Without another member broadcasts do not keep the node awake; a new member gets them by push/pull.
  transaction.nextGossip = null;
  if (hearers.length === 0) transaction.broadcasts = [];
}

/** Plans the next round: at once after a silence, otherwise an interval after the last one. Nothing while there is no news. */
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
