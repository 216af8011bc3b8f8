import { ByteReader, ByteWriter, err, ok, type Result } from "@herald-lb/sansio";
import type { NodeName } from "../node-name.ts";
import { decodeCompress, encodeCompress } from "./compress.ts";
import { decodeTotal } from "./decode-total.ts";
import { openPayload, sealPayload } from "./encryption.ts";
import { decodeLabel, encodeLabel } from "./label.ts";
import { decodeMessage, encodeMessage, type Message, MessageType } from "./message.ts";
import { sealingKey, type WireConfig } from "./packet.ts";
import { boolean, count, name, octetString, readRecord, record, uint16, uint32, writeRecord } from "./record.ts";
import type { WireError } from "./wire-error.ts";

/** One node as a push/pull tells of it. */
export interface PushNodeState {
  readonly name: NodeName;
  readonly addr: Uint8Array | null;
  readonly port: number;
  readonly meta: Uint8Array | null;
  readonly incarnation: number;
  /** 0 alive, 1 suspect, 2 dead, 3 left. */
  readonly state: number;
  readonly vsn: Uint8Array | null;
}

/** A node's whole view, exchanged for another's. */
export interface PushPull {
  readonly type: "pushPull";
  readonly join: boolean;
  readonly nodes: readonly PushNodeState[];
  /** The application's; empty for most. */
  readonly userState: Uint8Array;
}

/** A message that a stream carries, out of every wrapping. */
export type StreamMessage = PushPull | Extract<Message, { type: "ping" | "ackResp" | "err" | "user" }>;

/** The content of a stream so far: one message, or the least number of octets that are `wanted`. */
export type StreamProgress = StreamMessage | { readonly type: "incomplete"; readonly wanted: number };

const pushPullHeader = record<{ nodes: number; userStateLen: number; join: boolean }>({
  nodes: count,
  userStateLen: count,
  join: boolean,
});
const pushNodeState = record<PushNodeState>({
  name,
  addr: octetString,
  port: uint16,
  meta: octetString,
  incarnation: uint32,
  state: count,
  vsn: octetString,
});
const userMsgHeader = record<{ userMsgLen: number }>({ userMsgLen: count });

/** The most octets of an encrypted frame, as memberlist's own limit, and of what a compressed message may expand to. */
export const STREAM_LIMIT: number = 20 << 20;
const FRAME_HEADER = 5;

/** Writes a message as the streams carry it, out of every wrapping. */
export function encodeStreamMessage(message: StreamMessage): Uint8Array {
  const writer = new ByteWriter(512);
  switch (message.type) {
    case "pushPull": {
      const { nodes, userState, join } = message;
      writer.u8(MessageType.pushPull);
      writeRecord(writer, pushPullHeader, { nodes: nodes.length, userStateLen: userState.length, join });
      for (const node of nodes) writeRecord(writer, pushNodeState, node);
      writer.octets(userState);
      return writer.finish();
    }
    case "user":
      writer.u8(MessageType.user);
      writeRecord(writer, userMsgHeader, { userMsgLen: message.payload.length });
      writer.octets(message.payload);
      return writer.finish();
    default:
      return encodeMessage(message);
  }
}

/** Reads a message out of every wrapping; "Truncated" where there may be more to come. */
export function decodeStreamMessage(octetsOfMessage: Uint8Array): Result<StreamMessage, WireError> {
  switch (octetsOfMessage[0]) {
    case MessageType.pushPull:
      return decodeTotal(octetsOfMessage.subarray(1), (reader) => {
        const header = readRecord(reader, pushPullHeader);
        const nodes: PushNodeState[] = [];
        for (let at = 0; at < header.nodes; at++) nodes.push(readRecord(reader, pushNodeState));
        return { type: "pushPull", join: header.join, nodes, userState: reader.octets(header.userStateLen) };
      });
    case MessageType.user:
      return decodeTotal(octetsOfMessage.subarray(1), (reader) => {
        const header = readRecord(reader, userMsgHeader);
        return { type: "user", payload: reader.octets(header.userMsgLen) };
      });
    default: {
      const decoded = decodeMessage(octetsOfMessage);
      if (!decoded.ok) return decoded;
      const message = decoded.value;
      if (message.type === "ping" || message.type === "ackResp" || message.type === "err") return ok(message);
      return err({ code: "UnknownMessageType", messageType: octetsOfMessage[0] as number });
    }
  }
}

/** Wraps a message as the one that a stream carries. Only who opened the stream says the label; both sides authenticate it. */
export function encodeStream(wire: WireConfig, message: StreamMessage, opener: boolean, nonce: Uint8Array): Uint8Array {
  const plain = encodeStreamMessage(message);
  const body = wire.compression ? encodeCompress(plain) : plain;
  const key = sealingKey(wire);
  const framed = key === null ? body : encodeFrame(wire, key, body, nonce);
  return opener ? encodeLabel(wire.label, framed) : framed;
}

function encodeFrame(wire: WireConfig, key: Uint8Array, body: Uint8Array, nonce: Uint8Array): Uint8Array {
  const { cipher, encryptionVersion, label } = wire;
  const padding = encryptionVersion === 0 ? 16 - (body.length % 16) : 0;
  const writer = new ByteWriter(body.length + 64);
  writer.u8(MessageType.encrypt);
  writer.u32(29 + body.length + padding);
  const associated = concatenated([writer.finish().slice(), label]);
  writer.octets(sealPayload(cipher, encryptionVersion, key, nonce, body, associated));
  return writer.finish();
}

/** Unwraps what a stream has brought so far; `opener` says whether the peer opened it. */
export function decodeStream(
  wire: WireConfig,
  received: Uint8Array,
  opener: boolean,
): Result<StreamProgress, WireError> {
  if (received.length === 0) return ok({ type: "incomplete", wanted: 1 });
  const labelled = opener ? decodeLabel(received) : { label: wire.label, rest: received };
  if (labelled === "short") return ok({ type: "incomplete", wanted: received.length + 1 });
  if (labelled === null || !sameLabel(labelled.label, wire.label)) return err({ code: "UnacceptableLabel" });
  const { rest } = labelled;
  const before = received.length - rest.length;
  if (rest.length === 0) return ok({ type: "incomplete", wanted: before + 1 });

  if (rest[0] === MessageType.encrypt) {
    if (rest.length < FRAME_HEADER) return ok({ type: "incomplete", wanted: before + FRAME_HEADER });
    const header = rest.subarray(0, FRAME_HEADER);
    const length = new ByteReader(header.subarray(1)).u32();
    if (length > STREAM_LIMIT) return err({ code: "TooLarge", limit: STREAM_LIMIT });
    const whole = FRAME_HEADER + length;
    if (rest.length < whole) return ok({ type: "incomplete", wanted: before + whole });
    const associated = concatenated([header, wire.label]);
    const opened = openPayload(wire.cipher, wire.keyring, rest.subarray(FRAME_HEADER, whole), associated);
    if (!opened.ok) return opened;
    return complete(decodeBody(opened.value));
  }
  if (wire.keyring.length > 0 && wire.verifyIncoming) return err({ code: "Undecryptable" });
  const decoded = decodeBody(rest);
  if (!decoded.ok && decoded.error.code === "Truncated") {
    return ok({
      type: "incomplete",
      wanted: Math.max(received.length + 1, before + decoded.error.offset + decoded.error.wanted),
    });
  }
  return decoded;
}

/** A frame says how long it is: what is short inside it stays short. */
function complete(decoded: Result<StreamMessage, WireError>): Result<StreamMessage, WireError> {
  if (decoded.ok || decoded.error.code !== "Truncated") return decoded;
  return err({ code: "Malformed", offset: decoded.error.offset, what: "short message" });
}

function decodeBody(body: Uint8Array): Result<StreamMessage, WireError> {
  if (body[0] !== MessageType.compress) return decodeStreamMessage(body);
  const expanded = decodeCompress(body, STREAM_LIMIT);
  return expanded.ok ? complete(decodeStreamMessage(expanded.value)) : expanded;
}

/** The octets of several arrays in one. */
export function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function sameLabel(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
