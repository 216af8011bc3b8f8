import { instant } from "@herald-lb/sansio";
import { addressOf } from "./alive.ts";
import type { Endpoint } from "./endpoint.ts";
import { nextSequence, pingFor } from "./probe.ts";
import type { Relay } from "./probe-state.ts";
import { sendMessage } from "./send.ts";
import { ignore, type Turn } from "./turn.ts";
import type { AckResp, IndirectPing, Ping } from "./wire/message.ts";

/** How many probes on behalf of others may run at once; a flood of requests gets no more. */
const RELAY_LIMIT = 1024;

/**
 * The share of the probe timeout after which the asker is told that there was no answer. Lifeguard §IV.A has 80 %; memberlist waits
 * for all of it, so that its nacks come just too late to be counted where the timeout is half of the interval.
 */
const NACK_SHARE = 0.8;

/** Answers a ping, where it says that it came from. */
export function answerPing(turn: Turn, ping: Ping, from: Endpoint): void {
  if (ping.node !== "" && ping.node !== turn.self) return ignore(turn, "ForAnotherNode", from, ping.node);
  sendMessage(turn, originOf(ping, from), { type: "ackResp", seqNo: ping.seqNo, payload: null });
}

/** Pings a node on behalf of another. */
export function relayPing(turn: Turn, request: IndirectPing, from: Endpoint): void {
  const address = addressOf(request.target);
  if (address === null || request.port === 0) return ignore(turn, "BadAddress", from, request.node);
  if (turn.relays.size >= RELAY_LIMIT) return ignore(turn, "TooLarge", from, request.node);
  const { probeTimeout } = turn.setup.profile;
  const sequence = nextSequence(turn);
  turn.relays.set(sequence, {
    origin: originOf(request, from),
    originSequence: request.seqNo,
    nackAt: request.nack ? instant(turn.now + probeTimeout * NACK_SHARE) : null,
    deadline: instant(turn.now + probeTimeout),
  });
  const ping = pingFor(turn, { name: request.node }, sequence);
  sendMessage(turn, { address, port: request.port }, { type: "ping", ...ping });
}

/** Passes an answer on to who asked; false when it answers nothing that was relayed. */
export function relayAck(turn: Turn, { seqNo }: AckResp): boolean {
  const relay = turn.relays.get(seqNo);
  if (relay === undefined) return false;
  turn.relays.delete(seqNo);
  sendMessage(turn, relay.origin, { type: "ackResp", seqNo: relay.originSequence, payload: null });
  return true;
}

/** Tells who asked that there was no answer, and forgets what is over. */
export function fireRelays(turn: Turn): void {
  for (const [sequence, relay] of turn.relays) {
    if (relay.nackAt !== null && relay.nackAt <= turn.now) {
      sendMessage(turn, relay.origin, { type: "nackResp", seqNo: relay.originSequence });
      turn.relays.set(sequence, { ...relay, nackAt: null });
    }
    if (relay.deadline <= turn.now) turn.relays.delete(sequence);
  }
}

/** When a relay next has something to do. */
export function relayDeadline(relay: Relay): number {
  return Math.min(relay.nackAt ?? relay.deadline, relay.deadline);
}

function originOf(ping: Ping, from: Endpoint): Endpoint {
  const address = addressOf(ping.sourceAddr);
  return address === null || ping.sourcePort === 0 ? from : { address, port: ping.sourcePort };
}
