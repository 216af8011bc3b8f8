import type { NodeName } from "./node-name.ts";
import { deadNode } from "./suspect.ts";
import type { Transaction } from "./transaction.ts";
import type { Dead } from "./wire/message.ts";

/** The number of deaths that are remembered: a member with the key can forge any number. */
const MOST = 1_024;

/**
 * Remembers the death of a node that this one does not know. It may have begun to join: the state of all that it has asked a member for was written
 * before the death, comes after it, and says that the node lives. memberlist ignores such a death; its node then counts as alive until it is probed,
 * which takes a round of all members.
 */
export function rememberDeath(transaction: Transaction, dead: Dead): void {
  const deaths = new Map(transaction.earlyDeaths);
  deaths.delete(dead.node);
  for (const [node, { at }] of deaths) {
    if (deaths.size < MOST && transaction.now - at <= lifetime(transaction)) break;
    deaths.delete(node);
  }
  transaction.earlyDeaths = deaths.set(dead.node, { dead, at: transaction.now });
}

/** Believes a death that came before its node was known, unless the node has said since that it lives. */
export function believeEarlyDeath(transaction: Transaction, node: NodeName): void {
  const early = transaction.earlyDeaths.get(node);
  if (early === undefined) return;
  const deaths = new Map(transaction.earlyDeaths);
  deaths.delete(node);
  transaction.earlyDeaths = deaths;
  if (transaction.now - early.at <= lifetime(transaction)) deadNode(transaction, early.dead);
}

/** The age that what a stream brings can have, in milliseconds. */
function lifetime({ setup }: Transaction): number {
  return setup.profile.tcpTimeout;
}
