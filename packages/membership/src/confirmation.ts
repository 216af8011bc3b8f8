import { aliveMessageOf } from "./alive-message.ts";
import { isUp, type Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { drawSome } from "./random.ts";
import { sendDirectly } from "./send.ts";
import { ignore, ownMember, type Transaction } from "./transaction.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { Message } from "./wire/message.ts";
import { encodeHeraldMessage } from "./wire/herald-message.ts";
import { watchersOf } from "./ring.ts";

/** The number of members that are asked about this node, and of answers that suffice: one answer may be older than a death. */
const ASKED = 5;
const ANSWERS = 2;

/** Asks the watchers of this node, and other members where these are few, whether it was declared dead while it stood still. */
export function beginConfirmation(transaction: Transaction): void {
  const { self, members, watcher, setup } = transaction;
  const watchers = setup.bfd === null ? [] : watchersOf(watcher.ring, self, setup.bfd.watchers);
  const others = [...members.values()].filter((member) => isUp(member) && member.name !== self);
  const first = others.filter(({ name }) => watchers.includes(name));
  const rest = others.filter(({ name }) => !watchers.includes(name));
  // A node that is not running knows of no other.
  const asked =
    transaction.name !== "Running" ? [] : [...first, ...drawSome(transaction, rest, Math.max(0, ASKED - first.length))];
  if (asked.length === 0) return confirm(transaction);
  const names = new Set(asked.map(({ name }) => name));
  transaction.watcher = { ...watcher, confirmation: { asked: names, wanted: Math.min(ANSWERS, names.size) } };
  const payload = encodeHeraldMessage({ type: "MemberQuery", node: self });
  for (const member of asked) sendDirectly(transaction, member, { type: "user", payload });
}

/** Tells a member its own state here, in memberlist's words. */
export function answerQuery(transaction: Transaction, node: NodeName, from: TransportAddress): void {
  const member = transaction.members.get(node);
  if (member === undefined || member.address !== from.address)
    return ignore(transaction, "UnexpectedReport", from, node);
  sendDirectly(
    transaction,
    { ...member, port: from.port },
    isUp(member) ? aliveMessageOf(member) : deadOf(transaction, member),
  );
}

/** Counts a member's `alive` about this node as an answer. */
export function takeAnswer(transaction: Transaction, from: TransportAddress | null): void {
  const { watcher, members } = transaction;
  if (watcher.confirmation === null || from === null) return;
  const { asked, wanted } = watcher.confirmation;
  const answering = [...asked].find((name) => members.get(name)?.address === from.address);
  if (answering === undefined) return;
  const left = new Set(asked);
  left.delete(answering);
  transaction.watcher = { ...watcher, confirmation: { asked: left, wanted: wanted - 1 } };
  if (wanted === 1) confirm(transaction);
}

/** Ends a confirmation by a refutation: every member is told at once that this node lives, so that its successors know before it answers again. */
export function confirmByRefutation(transaction: Transaction): void {
  if (transaction.watcher.confirmation === null) return;
  const alive = aliveMessageOf(ownMember(transaction));
  for (const member of transaction.members.values())
    if (isUp(member) && member.name !== transaction.self) sendDirectly(transaction, member, alive);
  confirm(transaction);
}

function confirm(transaction: Transaction): void {
  transaction.watcher = { ...transaction.watcher, confirmation: null };
  transaction.effects.push({ type: "MembershipConfirmed" });
}

function deadOf({ self }: Transaction, { name, incarnation }: Member): Message {
  return { type: "dead", incarnation, node: name, from: self };
}
