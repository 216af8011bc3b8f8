import { type Instant, instant } from "@herald-lb/sansio";
import { isUp } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { sendDirectly } from "./send.ts";
import { deadNode } from "./suspect.ts";
import type { Transaction } from "./transaction.ts";
import type { Dead } from "./wire/message.ts";

/**
 * The pause before a death is told again, in milliseconds. Two watchers tell it; where one datagram in ten is lost, three of 300 members hear neither, and
 * gossip reaches nearly all of these, but not every one: the last would find the death by its own probes, a minute later.
 */
const REPEAT_AFTER = 30;

/** Declares a node dead: to every member at once, the node itself too, which may refute. Gossip alone would take rounds. */
export function declareDead(transaction: Transaction, dead: Dead): void {
  tell(transaction, dead);
  deadNode(transaction, dead);
  const at = instant(transaction.now + REPEAT_AFTER);
  plan(transaction, new Map(transaction.watcher.declarations).set(dead.node, { dead, at }));
}

/** Tells the deaths again that this node declared a moment ago, unless they were refuted. */
export function repeatDeclarations(transaction: Transaction): void {
  for (const [node, { dead, at }] of transaction.watcher.declarations) {
    if (at > transaction.now) continue;
    const left = new Map(transaction.watcher.declarations);
    left.delete(node);
    plan(transaction, left);
    if (transaction.members.get(node)?.state === "dead") tell(transaction, dead);
  }
}

function tell(transaction: Transaction, dead: Dead): void {
  for (const member of transaction.members.values()) {
    if (member.name === transaction.self || !(isUp(member) || member.name === dead.node)) continue;
    sendDirectly(transaction, member, { type: "dead", ...dead });
  }
}

function plan(
  transaction: Transaction,
  declarations: ReadonlyMap<NodeName, { readonly dead: Dead; readonly at: Instant }>,
): void {
  transaction.watcher = { ...transaction.watcher, declarations };
}
