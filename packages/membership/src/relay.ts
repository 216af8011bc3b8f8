import { instant } from "@herald-lb/sansio";
import { addressOf } from "./alive.ts";
import type { TransportAddress } from "./transport-address.ts";
import { nextSequence, pingFor } from "./probe.ts";
import type { Relay } from "./probe-state.ts";
import { sendTo } from "./send.ts";
import { ignore, type Transaction } from "./transaction.ts";
import type { AckResp, IndirectPing, Ping } from "./wire/message.ts";

/** The number of probes on behalf of others that may run at once, also in a flood of requests. */
const RELAY_LIMIT = 1024;

/**
 * The share of the probe timeout after which the asker is told that there was no answer. Lifeguard §IV.A has 80 %; memberlist waits
 * for all of it, so that its nacks come just too late to be counted where the timeout is half of the interval.
 */
const NACK_SHARE = 0.8;

/** Answers a ping, where it says that it came from. */
export function answerPing(transaction: Transaction, ping: Ping, from: TransportAddress): void {
  if (ping.node !== "" && ping.node !== transaction.self) return ignore(transaction, "ForAnotherNode", from, ping.node);
  sendTo(transaction, originOf(ping, from), { type: "ackResp", seqNo: ping.seqNo, payload: null });
}

/** Pings a node on behalf of another. */
export function relayPing(transaction: Transaction, request: IndirectPing, from: TransportAddress): void {
  const address = addressOf(request.target);
  if (address === null || request.port === 0) return ignore(transaction, "BadAddress", from, request.node);
  if (transaction.relays.size >= RELAY_LIMIT) return ignore(transaction, "TooLarge", from, request.node);
  const { probeTimeout } = transaction.setup.profile;
  const sequence = nextSequence(transaction);
  transaction.relays.set(sequence, {
    origin: originOf(request, from),
    originSequence: request.seqNo,
    nackAt: request.nack ? instant(transaction.now + probeTimeout * NACK_SHARE) : null,
    deadline: instant(transaction.now + probeTimeout),
  });
  const ping = pingFor(transaction, { name: request.node }, sequence);
  sendTo(transaction, { address, port: request.port }, { type: "ping", ...ping });
}

/** Passes an answer on to who asked; false when it answers nothing that was relayed. */
export function relayAck(transaction: Transaction, { seqNo }: AckResp): boolean {
  const relay = transaction.relays.get(seqNo);
  if (relay === undefined) return false;
  transaction.relays.delete(seqNo);
  sendTo(transaction, relay.origin, { type: "ackResp", seqNo: relay.originSequence, payload: null });
  return true;
}

/** Tells who asked that there was no answer, and forgets what is over. */
export function expireRelays(transaction: Transaction): void {
  for (const [sequence, relay] of transaction.relays) {
    if (relay.nackAt !== null && relay.nackAt <= transaction.now) {
      sendTo(transaction, relay.origin, { type: "nackResp", seqNo: relay.originSequence });
      transaction.relays.set(sequence, { ...relay, nackAt: null });
    }
    if (relay.deadline <= transaction.now) transaction.relays.delete(sequence);
  }
}

/** When a relay next has something to do. */
export function relayDeadline(relay: Relay): number {
  return Math.min(relay.nackAt ?? relay.deadline, relay.deadline);
}

function originOf(ping: Ping, from: TransportAddress): TransportAddress {
  const address = addressOf(ping.sourceAddr);
  return address === null || ping.sourcePort === 0 ? from : { address, port: ping.sourcePort };
}
