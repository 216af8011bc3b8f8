import { rememberDeath } from "./early-death.ts";
import { deadNode } from "./suspect.ts";
import type { NodeName } from "./node-name.ts";
import type { Transaction } from "./transaction.ts";
import type { Dead } from "./wire/message.ts";

/** The time for which a death that another member declared waits for this node's own loss of it, in milliseconds: watchers lose a dead node within a detection time of each other. */
const DEFERRAL = 1_000;

/**
 * Takes a death that another member declared. This node does not believe it while its own session with the node is up: a member that was cut off
 * takes the others for dead, and says so when it is back. The death counts as soon as the session is lost.
 */
export function takeDeath(transaction: Transaction, dead: Dead): void {
  const { watcher, now, members } = transaction;
  if (!members.has(dead.node)) return rememberDeath(transaction, dead);
  const isHeard = watcher.views.get(dead.node)?.view === "Up";
  if (!isHeard || dead.node === dead.from) return deadNode(transaction, dead);
  transaction.watcher = { ...watcher, deaths: new Map(watcher.deaths).set(dead.node, { dead, at: now }) };
}

/** Believes a death that waited, now that this node has lost the session. */
export function believeDeath(transaction: Transaction, node: NodeName): void {
  const waiting = transaction.watcher.deaths.get(node);
  if (waiting === undefined) return;
  const deaths = new Map(transaction.watcher.deaths);
  deaths.delete(node);
  transaction.watcher = { ...transaction.watcher, deaths };
  if (transaction.now - waiting.at <= DEFERRAL) deadNode(transaction, waiting.dead);
}
