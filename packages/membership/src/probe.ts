import { instant, octetsOf } from "@herald-lb/sansio";
import { noteSuspect } from "./accuse.ts";
import { adjustAwareness } from "./awareness.ts";
import { isUp, type Member } from "./member.ts";
import type { Probe } from "./probe-state.ts";
import { drawSome } from "./random.ts";
import { sendMessage, sendTogether } from "./send.ts";
import { openStream } from "./streams.ts";
import { ourselves, type Turn } from "./turn.ts";
import type { AckResp, NackResp, Ping } from "./wire/message.ts";

const PROTOCOL_WITH_TCP_PING = 3;
const PROTOCOL_WITH_NACK = 4;

/** Begins to probe the next node of the round. */
export function beginProbe(turn: Turn): void {
  const { probeInterval, probeTimeout } = turn.setup.profile;
  turn.nextProbe = instant(turn.now + probeInterval);
  const target = nextTarget(turn);
  if (target === null) return;
  const sequence = nextSequence(turn);
  turn.probe = {
    target: target.name,
    sequence,
    indirectAt: instant(turn.now + probeTimeout),
    deadline: instant(turn.now + probeInterval * (turn.awareness + 1)),
    expectedNacks: 0,
    nacks: 0,
    stream: null,
    answeredByStream: false,
  };
  const ping = pingFor(turn, target, sequence);
  if (target.state === "alive") return sendMessage(turn, target, { type: "ping", ...ping });
  // The suspect hears of the suspicion with the ping, and can contradict at once.
  const { incarnation, name } = target;
  sendTogether(turn, target, [
    { type: "ping", ...ping },
    { type: "suspect", incarnation, node: name, from: turn.self },
  ]);
}

/** Asks others, and TCP, after a node that did not answer in time. */
export function probeIndirectly(turn: Turn, probe: Probe): void {
  turn.probe = { ...probe, indirectAt: null };
  const target = turn.members.get(probe.target);
  if (target === undefined) return;
  const others = [...turn.members.values()].filter(
    (member) => member.state === "alive" && member.name !== turn.self && member.name !== target.name,
  );
  let expectedNacks = 0;
  for (const relay of drawSome(turn, others, turn.setup.profile.indirectChecks)) {
    const nack = speaks(relay, PROTOCOL_WITH_NACK);
    if (nack) expectedNacks++;
    const ping = pingFor(turn, target, probe.sequence);
    sendMessage(turn, relay, {
      type: "indirectPing",
      ...ping,
      target: octetsOf(target.address),
      port: target.port,
      nack,
    });
  }
  const byStream = turn.setup.tcpPings && speaks(target, PROTOCOL_WITH_TCP_PING);
  const stream = byStream
    ? openStream(turn, "Ping", target, { type: "ping", ...pingFor(turn, target, probe.sequence) }, probe.deadline)
    : null;
  turn.probe = { ...probe, indirectAt: null, expectedNacks, stream };
}

/** Ends a probe that nobody answered by packet. */
export function failProbe(turn: Turn, probe: Probe): void {
  turn.probe = null;
  if (probe.answeredByStream) return;
  const missing = probe.expectedNacks === 0 ? 1 : Math.max(0, probe.expectedNacks - probe.nacks);
  adjustAwareness(turn, missing);
  const target = turn.members.get(probe.target);
  if (target === undefined || !isUp(target)) return;
  noteSuspect(turn, { incarnation: target.incarnation, node: target.name, from: turn.self });
}

/** Takes the answer to the probe that runs; false when it answers nothing of ours. */
export function noteAck(turn: Turn, { seqNo }: AckResp): boolean {
  if (turn.probe === null || turn.probe.sequence !== seqNo) return false;
  turn.probe = null;
  adjustAwareness(turn, -1);
  return true;
}

/** Counts a relay that had no answer either: the fault is not with us. */
export function noteNack(turn: Turn, { seqNo }: NackResp): boolean {
  if (turn.probe === null || turn.probe.sequence !== seqNo) return false;
  turn.probe = { ...turn.probe, nacks: turn.probe.nacks + 1 };
  return true;
}

/** A ping of ours for a member. */
export function pingFor(turn: Turn, target: { readonly name: Member["name"] }, seqNo: number): Ping {
  const us = ourselves(turn);
  return {
    seqNo,
    node: target.name,
    sourceAddr: octetsOf(us.address),
    sourcePort: us.port,
    sourceNode: us.name,
  };
}

/** A sequence number that no probe of ours uses now. */
export function nextSequence(turn: Turn): number {
  turn.sequence = (turn.sequence + 1) >>> 0;
  return turn.sequence;
}

function speaks(member: Member, protocol: number): boolean {
  return (member.versions?.[1] ?? 0) >= protocol;
}

function nextTarget(turn: Turn): Member | null {
  for (let checked = 0; checked <= turn.probeOrder.length; checked++) {
    if (turn.probeIndex >= turn.probeOrder.length) newRound(turn);
    const name = turn.probeOrder[turn.probeIndex++];
    const member = name === undefined ? undefined : turn.members.get(name);
    if (member !== undefined && member.name !== turn.self && isUp(member)) return member;
  }
  return null;
}

/** Forgets those long dead and begins a round in a new order. */
function newRound(turn: Turn): void {
  const { gossipToTheDeadTime } = turn.setup.profile;
  for (const member of turn.members.values()) {
    const gone = !isUp(member) && member.name !== turn.self;
    if (gone && turn.now - member.stateChangedAt > gossipToTheDeadTime) turn.members.delete(member.name);
  }
  turn.probeOrder = drawSome(turn, [...turn.members.keys()]);
  turn.probeIndex = 0;
}
