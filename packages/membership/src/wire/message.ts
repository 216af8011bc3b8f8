import { ByteWriter, err, ok, type Result } from "@herald-lb/sansio";
import type { NodeName } from "../node-name.ts";
import { decodeTotal } from "./decode-total.ts";
import { boolean, name, octetString, optional, readRecord, record, uint16, uint32, writeRecord } from "./record.ts";
import type { WireError } from "./wire-error.ts";

/** Asks a node whether it lives. */
export interface Ping {
  readonly seqNo: number;
  /** The name of the wanted node: an address may have passed to another node. */
  readonly node: NodeName;
  readonly sourceAddr: Uint8Array | null;
  readonly sourcePort: number;
  readonly sourceNode: NodeName;
}

/** Asks a node to ping another. */
export interface IndirectPing {
  readonly seqNo: number;
  readonly target: Uint8Array | null;
  readonly port: number;
  readonly node: NodeName;
  /** True where the asker wants a nack when there is no answer. */
  readonly nack: boolean;
  readonly sourceAddr: Uint8Array | null;
  readonly sourcePort: number;
  readonly sourceNode: NodeName;
}

/** Answers a ping. */
export interface AckResp {
  readonly seqNo: number;
  readonly payload: Uint8Array | null;
}

/** Says that a ping on behalf of another was not answered. */
export interface NackResp {
  readonly seqNo: number;
}

/** Says why a stream was not served. */
export interface ErrResp {
  readonly error: Uint8Array | null;
}

/** Says that a node does not answer. */
export interface Suspect {
  readonly incarnation: number;
  readonly node: NodeName;
  readonly from: NodeName;
}

/** Declares a node dead; from itself, that it left. */
export interface Dead extends Suspect {}

/** Declares a node alive. */
export interface Alive {
  readonly incarnation: number;
  readonly node: NodeName;
  /** 4 or 16 octets. */
  readonly addr: Uint8Array | null;
  readonly port: number;
  readonly meta: Uint8Array | null;
  readonly vsn: Uint8Array | null;
}

/** A message of the application. */
export interface User {
  readonly payload: Uint8Array;
}

type Tagged<Type extends string, Value> = { readonly type: Type } & Value;

/** A message of memberlist that stands in a packet, out of every wrapping. */
export type Message =
  | Tagged<"ping", Ping>
  | Tagged<"indirectPing", IndirectPing>
  | Tagged<"ackResp", AckResp>
  | Tagged<"suspect", Suspect>
  | Tagged<"alive", Alive>
  | Tagged<"dead", Dead>
  | Tagged<"user", User>
  | Tagged<"nackResp", NackResp>
  | Tagged<"err", ErrResp>;

/** The first octet of every message and wrapping. */
export const MessageType: {
  readonly ping: 0;
  readonly indirectPing: 1;
  readonly ackResp: 2;
  readonly suspect: 3;
  readonly alive: 4;
  readonly dead: 5;
  readonly pushPull: 6;
  readonly compound: 7;
  readonly user: 8;
  readonly compress: 9;
  readonly encrypt: 10;
  readonly nackResp: 11;
  readonly hasCrc: 12;
  readonly err: 13;
  readonly hasLabel: 244;
} = {
  ping: 0,
  indirectPing: 1,
  ackResp: 2,
  suspect: 3,
  alive: 4,
  dead: 5,
  pushPull: 6,
  compound: 7,
  user: 8,
  compress: 9,
  encrypt: 10,
  nackResp: 11,
  hasCrc: 12,
  err: 13,
  hasLabel: 244,
};

const source = { sourceAddr: optional(octetString), sourcePort: optional(uint16), sourceNode: optional(name) };
const accusation = record<Suspect>({ incarnation: uint32, node: name, from: name });

const ping = record<Ping>({ seqNo: uint32, node: name, ...source });
const indirectPing = record<IndirectPing>({
  seqNo: uint32,
  target: octetString,
  port: uint16,
  node: name,
  nack: boolean,
  ...source,
});
const ackResp = record<AckResp>({ seqNo: uint32, payload: octetString });
const nackResp = record<NackResp>({ seqNo: uint32 });
const errResp = record<ErrResp>({ error: octetString });
const alive = record<Alive>({
  incarnation: uint32,
  node: name,
  addr: octetString,
  port: uint16,
  meta: octetString,
  vsn: octetString,
});

/** Writes a message, its type first. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter(128);
  writer.u8(MessageType[message.type]);
  switch (message.type) {
    case "ping":
      writeRecord(writer, ping, message);
      break;
    case "indirectPing":
      writeRecord(writer, indirectPing, message);
      break;
    case "ackResp":
      writeRecord(writer, ackResp, message);
      break;
    case "nackResp":
      writeRecord(writer, nackResp, message);
      break;
    case "err":
      writeRecord(writer, errResp, message);
      break;
    case "suspect":
    case "dead":
      writeRecord(writer, accusation, message);
      break;
    case "alive":
      writeRecord(writer, alive, message);
      break;
    case "user":
      writer.octets(message.payload);
  }
  return writer.finish();
}

/** Reads a message that is out of every wrapping; octets behind it are passed over, as memberlist does. */
export function decodeMessage(octetsOfMessage: Uint8Array): Result<Message, WireError> {
  const decoded = decodeTotal<Message | number>(octetsOfMessage, (reader) => {
    const messageType = reader.u8();
    switch (messageType) {
      case MessageType.ping:
        return { type: "ping", ...readRecord(reader, ping) };
      case MessageType.indirectPing:
        return { type: "indirectPing", ...readRecord(reader, indirectPing) };
      case MessageType.ackResp:
        return { type: "ackResp", ...readRecord(reader, ackResp) };
      case MessageType.nackResp:
        return { type: "nackResp", ...readRecord(reader, nackResp) };
      case MessageType.err:
        return { type: "err", ...readRecord(reader, errResp) };
      case MessageType.suspect:
        return { type: "suspect", ...readRecord(reader, accusation) };
      case MessageType.dead:
        return { type: "dead", ...readRecord(reader, accusation) };
      case MessageType.alive:
        return { type: "alive", ...readRecord(reader, alive) };
      case MessageType.user:
        return { type: "user", payload: reader.rest() };
      default:
        return messageType;
    }
  });
  if (!decoded.ok) return decoded;
  if (typeof decoded.value === "number") return err({ code: "UnknownMessageType", messageType: decoded.value });
  return ok(decoded.value);
}
