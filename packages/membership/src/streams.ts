import { type Instant, instant } from "@herald-lb/sansio";
import type { IgnoreReason } from "./effect.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { StreamId } from "./event.ts";
import { mergeState, pushPullOf } from "./merge.ts";
import { nodeName, nodeNameToOctets } from "./node-name.ts";
import { drawOctets } from "./random.ts";
import type { Stream } from "./stream-state.ts";
import { ignore, type Transaction, wire } from "./transaction.ts";
import { concatenated, decodeStream, encodeStream, STREAM_LIMIT, type StreamMessage } from "./wire/stream.ts";
import type { WireError } from "./wire/wire-error.ts";

/** The number of streams of peers that may be open at once, as memberlist's limit of push/pulls. */
const ACCEPTED_LIMIT = 128;
/** The most that a stream may bring unencrypted: nothing says beforehand how long it will be. */
const PLAIN_LIMIT: number = 4 << 20;

/** Opens a stream for one message and its answer. */
export function dialStream(
  transaction: Transaction,
  purpose: Exclude<Stream["purpose"], "Accepted">,
  peer: TransportAddress,
  message: StreamMessage,
  deadline: Instant = instant(transaction.now + transaction.setup.profile.tcpTimeout),
): StreamId {
  transaction.streamCount++;
  const stream: StreamId = `dial-${transaction.streamCount}`;
  const to: TransportAddress = { address: peer.address, port: peer.port };
  transaction.streams.set(stream, { purpose, peer: to, deadline, received: [], length: 0, wanted: 1 });
  const octets = encodeStream(wire(transaction), message, true, drawOctets(transaction).subarray(0, 12));
  transaction.effects.push({ type: "OpenStream", stream, to, octets });
  return stream;
}

/** Takes in a stream that a peer opened. */
export function acceptStream(transaction: Transaction, id: StreamId, peer: TransportAddress): void {
  const accepted = [...transaction.streams.values()].filter((stream) => stream.purpose === "Accepted").length;
  if (accepted >= ACCEPTED_LIMIT || transaction.streams.has(id)) {
    transaction.effects.push({ type: "CloseStream", stream: id });
    return ignore(transaction, "TooManyStreams", peer, id);
  }
  const deadline = instant(transaction.now + transaction.setup.profile.tcpTimeout);
  transaction.streams.set(id, { purpose: "Accepted", peer, deadline, received: [], length: 0, wanted: 1 });
}

/** Adds octets to what a stream has brought, and acts once its message is whole. */
export function receiveOnStream(transaction: Transaction, id: StreamId, octets: Uint8Array): void {
  const before = transaction.streams.get(id);
  if (before === undefined) return ignore(transaction, "UnknownStream", null, id);
  const stream: Stream = {
    ...before,
    received: [...before.received, octets.slice()],
    length: before.length + octets.length,
  };
  transaction.streams.set(id, stream);
  if (stream.length < stream.wanted) return;

  const whole = concatenated(stream.received);
  const progress = decodeStream(wire(transaction), whole, stream.purpose === "Accepted");
  if (!progress.ok) return refuse(transaction, id, stream, progress.error);
  const message = progress.value;
  if (message.type !== "incomplete") return serve(transaction, id, stream, message);
  const limit = whole[0] === 10 || whole[0] === 244 ? STREAM_LIMIT + PLAIN_LIMIT : PLAIN_LIMIT;
  if (message.wanted > limit) return refuse(transaction, id, stream, { code: "TooLarge", limit });
  transaction.streams.set(id, { ...stream, received: [whole], wanted: message.wanted });
}

/** Removes a closed stream; reports one that closed before its message was complete. */
export function closeStreamState(transaction: Transaction, id: StreamId): void {
  const stream = transaction.streams.get(id);
  transaction.streams.delete(id);
  if (stream !== undefined && stream.length > 0) ignore(transaction, "Truncated", stream.peer, id);
}

/** Closes the streams whose time is up. */
export function expireStreams(transaction: Transaction): void {
  for (const [id, stream] of transaction.streams) if (stream.deadline <= transaction.now) close(transaction, id);
}

function close(transaction: Transaction, id: StreamId): void {
  transaction.streams.delete(id);
  transaction.effects.push({ type: "CloseStream", stream: id });
}

function reply(transaction: Transaction, id: StreamId, message: StreamMessage): void {
  transaction.streams.delete(id);
  const octets = encodeStream(wire(transaction), message, false, drawOctets(transaction).subarray(0, 12));
  transaction.effects.push({ type: "ReplyStream", stream: id, octets });
}

function serve(transaction: Transaction, id: StreamId, stream: Stream, message: StreamMessage): void {
  if (stream.purpose !== "Accepted") {
    close(transaction, id);
    return takeAnswer(transaction, id, stream, message);
  }
  switch (message.type) {
    case "pushPull":
      // The state before the merge, as in memberlist: the peer knows the rest itself.
      reply(transaction, id, pushPullOf(transaction, message.join));
      mergeState(transaction, message, stream.peer);
      return;
    case "ping":
      if (message.node !== "" && message.node !== transaction.self) {
        close(transaction, id);
        return ignore(transaction, "ForAnotherNode", stream.peer, message.node);
      }
      return reply(transaction, id, { type: "ackResp", seqNo: message.seqNo, payload: null });
    case "user":
      close(transaction, id);
      return ignore(transaction, "UserMessage", stream.peer);
    default:
      close(transaction, id);
      ignore(transaction, message.type === "err" ? "RemoteError" : "UnknownMessageType", stream.peer, message.type);
  }
}

function takeAnswer(transaction: Transaction, id: StreamId, stream: Stream, message: StreamMessage): void {
  if (message.type === "err") {
    const text = new TextDecoder().decode(message.error ?? new Uint8Array());
    return ignore(transaction, "RemoteError", stream.peer, text);
  }
  if (stream.purpose === "Ping") {
    const probe = transaction.probe;
    const fits = message.type === "ackResp" && probe?.stream === id && probe.sequence === message.seqNo;
    if (!fits) return ignore(transaction, "UnexpectedAck", stream.peer, id);
    transaction.probe = { ...probe, answeredByStream: true };
    return;
  }
  if (message.type !== "pushPull") return ignore(transaction, "UnknownMessageType", stream.peer, message.type);
  mergeState(transaction, message, stream.peer);
}

const reasons: Readonly<Record<WireError["code"], IgnoreReason>> = {
  Truncated: "Truncated",
  Malformed: "Malformed",
  UnknownMessageType: "UnknownMessageType",
  UnacceptableLabel: "UnacceptableLabel",
  Undecryptable: "Undecryptable",
  BadCrc: "BadCrc",
  TooLarge: "TooLarge",
};

/** The reason for which octets that cannot be read are passed over. */
export function reasonOf(error: WireError): IgnoreReason {
  return reasons[error.code];
}

function refuse(transaction: Transaction, id: StreamId, stream: Stream, error: WireError): void {
  ignore(transaction, reasonOf(error), stream.peer, "what" in error ? error.what : "");
  if (stream.purpose !== "Accepted") return close(transaction, id);
  // memberlist's own text, which users search for.
  const text =
    error.code === "Undecryptable"
      ? transaction.keyring.length === 0
        ? "remote state is encrypted and encryption is not configured"
        : "encryption is configured but remote state is not encrypted"
      : error.code;
  reply(transaction, id, { type: "err", error: nodeNameToOctets(nodeName(text)) });
}
