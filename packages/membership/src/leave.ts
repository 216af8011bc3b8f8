import { instant } from "@herald-lb/sansio";
import { deadNode } from "./suspect.ts";
import { gossip } from "./gossip.ts";
import { isUp } from "./member.ts";
import { ownMember, type Transaction } from "./transaction.ts";

/** Leaves: tells as many members at once as one round of gossip reaches, and goes on until the message was sent often enough. */
export function beginLeaving(transaction: Transaction): void {
  if (transaction.name !== "Running") return void (transaction.name === "Stopped" && completeLeaving(transaction));
  transaction.name = "Leaving";
  transaction.leaveDeadline = instant(transaction.now + transaction.setup.profile.leaveTimeout);
  transaction.probe = null;
  transaction.nextProbe = null;
  transaction.nextPushPull = null;
  transaction.nextJoin = null;
  transaction.joinQueue = [];
  transaction.nodeData = { ...transaction.nodeData, resendAt: null };
  const { incarnation, name } = ownMember(transaction);
  deadNode(transaction, { incarnation, node: name, from: name });
  gossip(transaction);
}

/** Completes a leave when its message was sent often enough, when its time is over, or when no other member is live. */
export function finishLeaving(transaction: Transaction): void {
  if (transaction.name !== "Leaving") return;
  const late = transaction.leaveDeadline !== null && transaction.leaveDeadline <= transaction.now;
  const told = transaction.broadcasts.every((queued) => queued.node !== transaction.self);
  const alone = ![...transaction.members.values()].some((member) => member.name !== transaction.self && isUp(member));
  if (late || told || alone) completeLeaving(transaction);
}

function completeLeaving(transaction: Transaction): void {
  transaction.name = "Left";
  transaction.leaveDeadline = null;
  transaction.nextGossip = null;
  transaction.broadcasts = [];
  transaction.relays.clear();
  for (const stream of transaction.streams.keys()) transaction.effects.push({ type: "CloseStream", stream });
  transaction.streams.clear();
  transaction.effects.push({ type: "LeaveCompleted" });
}
