import { type Instant, instant } from "@herald-lb/sansio";
import type { IgnoreReason } from "./effect.ts";
import type { Endpoint } from "./endpoint.ts";
import type { StreamId } from "./event.ts";
import { mergeView, pushPullOf } from "./merge.ts";
import { nodeName, nodeNameToOctets } from "./node-name.ts";
import { drawOctets } from "./random.ts";
import type { Stream } from "./stream-state.ts";
import { ignore, type Turn, wire } from "./turn.ts";
import { concatenated, decodeStream, encodeStream, STREAM_LIMIT, type StreamMessage } from "./wire/stream.ts";
import type { WireError } from "./wire/wire-error.ts";

/** How many streams of peers may be open at once, as memberlist's limit of push/pulls. */
const ACCEPTED_LIMIT = 128;
/** The most that a stream may bring unencrypted: nothing says beforehand how long it will be. */
const PLAIN_LIMIT: number = 4 << 20;

/** Opens a stream for one message and its answer. */
export function openStream(
  turn: Turn,
  purpose: Exclude<Stream["purpose"], "Accepted">,
  peer: Endpoint,
  message: StreamMessage,
  deadline: Instant = instant(turn.now + turn.setup.profile.tcpTimeout),
): StreamId {
  turn.streamCount++;
  const stream: StreamId = `dial-${turn.streamCount}`;
  const to: Endpoint = { address: peer.address, port: peer.port };
  turn.streams.set(stream, { purpose, peer: to, deadline, received: [], length: 0, wanted: 1 });
  const octets = encodeStream(wire(turn), message, true, drawOctets(turn).subarray(0, 12));
  turn.effects.push({ type: "OpenStream", stream, to, octets });
  return stream;
}

/** Takes in a stream that a peer opened. */
export function acceptStream(turn: Turn, id: StreamId, peer: Endpoint): void {
  const accepted = [...turn.streams.values()].filter((stream) => stream.purpose === "Accepted").length;
  if (accepted >= ACCEPTED_LIMIT || turn.streams.has(id)) {
    turn.effects.push({ type: "CloseStream", stream: id });
    return ignore(turn, "TooManyStreams", peer, id);
  }
  const deadline = instant(turn.now + turn.setup.profile.tcpTimeout);
  turn.streams.set(id, { purpose: "Accepted", peer, deadline, received: [], length: 0, wanted: 1 });
}

/** Adds octets to what a stream has brought, and acts once its message is whole. */
export function receiveOnStream(turn: Turn, id: StreamId, octets: Uint8Array): void {
  const before = turn.streams.get(id);
  if (before === undefined) return ignore(turn, "UnknownStream", null, id);
  const stream: Stream = {
    ...before,
    received: [...before.received, octets.slice()],
    length: before.length + octets.length,
  };
  turn.streams.set(id, stream);
  if (stream.length < stream.wanted) return;

  const whole = concatenated(stream.received);
  const progress = decodeStream(wire(turn), whole, stream.purpose === "Accepted");
  if (!progress.ok) return refuse(turn, id, stream, progress.error);
  const message = progress.value;
  if (message.type !== "incomplete") return serve(turn, id, stream, message);
  const limit = whole[0] === 10 || whole[0] === 244 ? STREAM_LIMIT + PLAIN_LIMIT : PLAIN_LIMIT;
  if (message.wanted > limit) return refuse(turn, id, stream, { code: "TooLarge", limit });
  turn.streams.set(id, { ...stream, received: [whole], wanted: message.wanted });
}

/** Forgets a stream that is gone; one of a peer that was not heard out is reported. */
export function noteStreamClosed(turn: Turn, id: StreamId): void {
  const stream = turn.streams.get(id);
  turn.streams.delete(id);
  if (stream !== undefined && stream.length > 0) ignore(turn, "Truncated", stream.peer, id);
}

/** Closes the streams whose time is up. */
export function fireStreams(turn: Turn): void {
  for (const [id, stream] of turn.streams) if (stream.deadline <= turn.now) close(turn, id);
}

function close(turn: Turn, id: StreamId): void {
  turn.streams.delete(id);
  turn.effects.push({ type: "CloseStream", stream: id });
}

function reply(turn: Turn, id: StreamId, message: StreamMessage): void {
  turn.streams.delete(id);
  const octets = encodeStream(wire(turn), message, false, drawOctets(turn).subarray(0, 12));
  turn.effects.push({ type: "ReplyStream", stream: id, octets });
}

function serve(turn: Turn, id: StreamId, stream: Stream, message: StreamMessage): void {
  if (stream.purpose !== "Accepted") {
    close(turn, id);
    return takeAnswer(turn, id, stream, message);
  }
  switch (message.type) {
    case "pushPull":
      // The view before the merge, as memberlist: what is learnt here is the peer's own news.
      reply(turn, id, pushPullOf(turn, message.join));
      mergeView(turn, message, stream.peer);
      return;
    case "ping":
      if (message.node !== "" && message.node !== turn.self) {
        close(turn, id);
        return ignore(turn, "ForAnotherNode", stream.peer, message.node);
      }
      return reply(turn, id, { type: "ackResp", seqNo: message.seqNo, payload: null });
    case "user":
      close(turn, id);
      return ignore(turn, "UserMessage", stream.peer);
    default:
      close(turn, id);
      ignore(turn, message.type === "err" ? "RemoteError" : "UnknownMessageType", stream.peer, message.type);
  }
}

function takeAnswer(turn: Turn, id: StreamId, stream: Stream, message: StreamMessage): void {
  if (message.type === "err") {
    const text = new TextDecoder().decode(message.error ?? new Uint8Array());
    return ignore(turn, "RemoteError", stream.peer, text);
  }
  if (stream.purpose === "Ping") {
    const probe = turn.probe;
    const fits = message.type === "ackResp" && probe?.stream === id && probe.sequence === message.seqNo;
    if (!fits) return ignore(turn, "UnexpectedAck", stream.peer, id);
    turn.probe = { ...probe, answeredByStream: true };
    return;
  }
  if (message.type !== "pushPull") return ignore(turn, "UnknownMessageType", stream.peer, message.type);
  mergeView(turn, message, stream.peer);
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

function refuse(turn: Turn, id: StreamId, stream: Stream, error: WireError): void {
  ignore(turn, reasonOf(error), stream.peer, "what" in error ? error.what : "");
  if (stream.purpose !== "Accepted") return close(turn, id);
  // The words in which memberlist says it, for whoever searches a log.
  const text =
    error.code === "Undecryptable"
      ? turn.keyring.length === 0
        ? "remote state is encrypted and encryption is not configured"
        : "encryption is configured but remote state is not encrypted"
      : error.code;
  reply(turn, id, { type: "err", error: nodeNameToOctets(nodeName(text)) });
}
