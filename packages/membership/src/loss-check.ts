import { type Instant, instant } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";
import { nextSequence, pingFor } from "./probe.ts";
import { sendDirectly } from "./send.ts";
import type { Transaction } from "./transaction.ts";
import type { LossCheck } from "./watcher-state.ts";

const PINGS = 3;
/** The pause between two pings, in milliseconds. */
const PING_INTERVAL = 8;
/** The wait for an ack after the last ping, in milliseconds: the round trip on one segment is under one. */
const ACK_TIMEOUT = 12;
/** The lateness of the host, in milliseconds, above which acks may lie unread in its socket: the wait for them starts again. */
const LATE = 4;

/** Begins to ask a node whether it lives. */
export function beginLossCheck(transaction: Transaction, node: NodeName): void {
  const until = instant(transaction.now + (PINGS - 1) * PING_INTERVAL + ACK_TIMEOUT);
  ping(transaction, node, { sequences: [], nextPing: transaction.now, until });
}

/** Sends the pings that are due, and returns the nodes that have not answered in time. */
export function runLossChecks(transaction: Transaction): readonly NodeName[] {
  const ended: NodeName[] = [];
  for (const [node, check] of transaction.watcher.checks) {
    if (check.until + LATE < transaction.now) {
      setLossCheck(transaction, node, { ...check, nextPing: null, until: instant(transaction.now + ACK_TIMEOUT) });
    } else if (check.until <= transaction.now) {
      endLossCheck(transaction, node);
      ended.push(node);
    } else if (check.nextPing !== null && check.nextPing <= transaction.now) ping(transaction, node, check);
  }
  return ended;
}

/** Ends the check of a node. */
export function endLossCheck(transaction: Transaction, node: NodeName): void {
  const checks = new Map(transaction.watcher.checks);
  if (checks.delete(node)) transaction.watcher = { ...transaction.watcher, checks };
}

/** The node whose check an ack with this sequence number answers; null for none. */
export function checkedNode({ watcher }: Transaction, sequence: number): NodeName | null {
  for (const [node, { sequences }] of watcher.checks) if (sequences.includes(sequence)) return node;
  return null;
}

/** When the next ping is due or the next check ends; null while there is none. */
export function lossCheckDeadline(check: LossCheck): Instant {
  return check.nextPing ?? check.until;
}

function ping(transaction: Transaction, node: NodeName, check: LossCheck): void {
  const member = transaction.members.get(node);
  if (member === undefined) return;
  const sequence = nextSequence(transaction);
  const sequences = [...check.sequences, sequence];
  const nextPing = sequences.length < PINGS ? instant(transaction.now + PING_INTERVAL) : null;
  setLossCheck(transaction, node, { ...check, sequences, nextPing });
  sendDirectly(transaction, member, { type: "ping", ...pingFor(transaction, member, sequence) });
}

function setLossCheck(transaction: Transaction, node: NodeName, check: LossCheck): void {
  const checks = new Map(transaction.watcher.checks).set(node, check);
  transaction.watcher = { ...transaction.watcher, checks };
}
