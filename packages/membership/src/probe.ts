import { instant, octetsOf } from "@herald-lb/sansio";
import { suspectNode } from "./suspect.ts";
import { adjustAwareness } from "./awareness.ts";
import { isUp, type Member } from "./member.ts";
import type { Probe } from "./probe-state.ts";
import { drawSome } from "./random.ts";
import { sendTo, sendCompound } from "./send.ts";
import { dialStream } from "./streams.ts";
import { forgetMember, ownMember, type Transaction } from "./transaction.ts";
import type { AckResp, NackResp, Ping } from "./wire/message.ts";

const PROTOCOL_WITH_TCP_PING = 3;
const PROTOCOL_WITH_NACK = 4;

/** Begins to probe the next node of the round. */
export function probeNode(transaction: Transaction): void {
  const { probeInterval, probeTimeout } = transaction.setup.profile;
  transaction.nextProbe = instant(transaction.now + probeInterval);
  const target = nextTarget(transaction);
  if (target === null) return;
  const sequence = nextSequence(transaction);
  transaction.probe = {
    target: target.name,
    sequence,
    indirectAt: instant(transaction.now + probeTimeout),
    deadline: instant(transaction.now + probeInterval * (transaction.awareness + 1)),
    expectedNacks: 0,
    nacks: 0,
    stream: null,
    answeredByStream: false,
  };
  const ping = pingFor(transaction, target, sequence);
  if (target.state === "alive") return sendTo(transaction, target, { type: "ping", ...ping });
  // The suspect hears of the suspicion with the ping, and can contradict at once.
  const { incarnation, name } = target;
  sendCompound(transaction, target, [
    { type: "ping", ...ping },
    { type: "suspect", incarnation, node: name, from: transaction.self },
  ]);
}

/** Asks others, and TCP, after a node that did not answer in time. */
export function probeIndirectly(transaction: Transaction, probe: Probe): void {
  transaction.probe = { ...probe, indirectAt: null };
  const target = transaction.members.get(probe.target);
  if (target === undefined) return;
  const others = [...transaction.members.values()].filter(
    (member) => member.state === "alive" && member.name !== transaction.self && member.name !== target.name,
  );
  let expectedNacks = 0;
  for (const relay of drawSome(transaction, others, transaction.setup.profile.indirectChecks)) {
    const nack = supports(relay, PROTOCOL_WITH_NACK);
    if (nack) expectedNacks++;
    const ping = pingFor(transaction, target, probe.sequence);
    sendTo(transaction, relay, {
      type: "indirectPing",
      ...ping,
      target: octetsOf(target.address),
      port: target.port,
      nack,
    });
  }
  const byStream = transaction.setup.tcpPings && supports(target, PROTOCOL_WITH_TCP_PING);
  const stream = byStream
    ? dialStream(
        transaction,
        "Ping",
        target,
        { type: "ping", ...pingFor(transaction, target, probe.sequence) },
        probe.deadline,
      )
    : null;
  transaction.probe = { ...probe, indirectAt: null, expectedNacks, stream };
}

/** Ends a probe that nobody answered by packet. */
export function failProbe(transaction: Transaction, probe: Probe): void {
  transaction.probe = null;
  if (probe.answeredByStream) return;
  const missing = probe.expectedNacks === 0 ? 1 : Math.max(0, probe.expectedNacks - probe.nacks);
  adjustAwareness(transaction, missing);
  const target = transaction.members.get(probe.target);
  if (target === undefined || !isUp(target)) return;
  suspectNode(transaction, { incarnation: target.incarnation, node: target.name, from: transaction.self });
}

/** Takes the answer to the probe that runs; false when it answers nothing of ours. */
export function handleAck(transaction: Transaction, { seqNo }: AckResp): boolean {
  if (transaction.probe === null || transaction.probe.sequence !== seqNo) return false;
  transaction.probe = null;
  adjustAwareness(transaction, -1);
  return true;
}

/** Counts a relay that had no answer either: the fault is not with us. */
export function handleNack(transaction: Transaction, { seqNo }: NackResp): boolean {
  if (transaction.probe === null || transaction.probe.sequence !== seqNo) return false;
  transaction.probe = { ...transaction.probe, nacks: transaction.probe.nacks + 1 };
  return true;
}

/** A ping of ours for a member. */
export function pingFor(transaction: Transaction, target: { readonly name: Member["name"] }, seqNo: number): Ping {
  const us = ownMember(transaction);
  return {
    seqNo,
    node: target.name,
    sourceAddr: octetsOf(us.address),
    sourcePort: us.port,
    sourceNode: us.name,
  };
}

/** A sequence number that no probe of ours uses now. */
export function nextSequence(transaction: Transaction): number {
  transaction.sequence = (transaction.sequence + 1) >>> 0;
  return transaction.sequence;
}

function supports(member: Member, protocol: number): boolean {
  return (member.versions?.[1] ?? 0) >= protocol;
}

function nextTarget(transaction: Transaction): Member | null {
  for (let checked = 0; checked <= transaction.probeOrder.length; checked++) {
    if (transaction.probeIndex >= transaction.probeOrder.length) newRound(transaction);
    const name = transaction.probeOrder[transaction.probeIndex++];
    const member = name === undefined ? undefined : transaction.members.get(name);
    if (member !== undefined && member.name !== transaction.self && isUp(member)) return member;
  }
  return null;
}

/** Forgets those long dead and begins a round in a new order. */
function newRound(transaction: Transaction): void {
  const { gossipToTheDeadTime } = transaction.setup.profile;
  for (const member of transaction.members.values()) {
    const gone = !isUp(member) && member.name !== transaction.self;
    if (gone && transaction.now - member.stateChangedAt > gossipToTheDeadTime) forgetMember(transaction, member.name);
  }
  transaction.probeOrder = drawSome(transaction, [...transaction.members.keys()]);
  transaction.probeIndex = 0;
}
