import { ByteWriter, type Result, unreachable } from "@herald-lb/sansio";
import type { NodeName } from "../node-name.ts";
import { decodeTotal } from "./decode-total.ts";
import { boolean, name, octetString, readRecord, record, uint32, uint8, writeRecord } from "./record.ts";
import type { WireError } from "./wire-error.ts";
import type { WatcherView } from "../watcher-view.ts";

/** A watcher's view of a node, for the other watchers of that node. */
export interface WatcherReport {
  readonly watcher: NodeName;
  readonly node: NodeName;
  /** The incarnation of the node as the watcher knows it. */
  readonly incarnation: number;
  readonly view: WatcherView;
  /** True where the watcher wants the receiver's view in return. */
  readonly asks: boolean;
}

/** Asks a member for its state of the sender. The answer is memberlist's own: `alive`, or `dead`, which the sender refutes. */
export interface MemberQuery {
  readonly node: NodeName;
}

/** One part of a version of a node's data. */
export interface NodeData {
  readonly node: NodeName;
  /** At least 1. */
  readonly version: number;
  /** From 0 to `parts` - 1. */
  readonly part: number;
  readonly parts: number;
  readonly octets: Uint8Array;
}

/** A node's word of which version of the receiver's data it has; 0 asks for the data. */
export interface NodeDataAck {
  readonly node: NodeName;
  readonly version: number;
}

/** A message that speakers of Herald send each other as a user message of memberlist; other members ignore it. */
export type HeraldMessage =
  | ({ readonly type: "WatcherReport" } & WatcherReport)
  | ({ readonly type: "MemberQuery" } & MemberQuery)
  | ({ readonly type: "NodeData" } & NodeData)
  | ({ readonly type: "NodeDataAck" } & NodeDataAck);

/** The first octets of such a user message: a name, then the version of the format. */
const MARK: Uint8Array = Uint8Array.of(0x68, 0x65, 0x72, 0x61, 0x6c, 0x64, 1);
const REPORT = 1;
const QUERY = 2;
const DATA = 3;
const DATA_ACK = 4;

/** The views in the order of their numbers on the wire. */
const VIEWS: readonly WatcherView[] = ["Down", "Up", "Lost"];

interface ReportRecord extends Omit<WatcherReport, "view"> {
  readonly view: number;
}
const report = record<ReportRecord>({ watcher: name, node: name, incarnation: uint32, view: uint8, asks: boolean });
const query = record<MemberQuery>({ node: name });
interface DataRecord extends Omit<NodeData, "octets"> {
  readonly octets: Uint8Array | null;
}
const data = record<DataRecord>({ node: name, version: uint32, part: uint8, parts: uint8, octets: octetString });
const dataAck = record<NodeDataAck>({ node: name, version: uint32 });

/** The payload of the user message. */
export function encodeHeraldMessage(message: HeraldMessage): Uint8Array {
  const writer = new ByteWriter(128);
  writer.octets(MARK);
  writeBody(writer, message);
  return writer.finish();
}

function writeBody(writer: ByteWriter, message: HeraldMessage): void {
  switch (message.type) {
    case "WatcherReport": {
      const { watcher, node, incarnation, asks } = message;
      writer.u8(REPORT);
      return writeRecord(writer, report, { watcher, node, incarnation, view: VIEWS.indexOf(message.view), asks });
    }
    case "MemberQuery":
      writer.u8(QUERY);
      return writeRecord(writer, query, { node: message.node });
    case "NodeData": {
      const { node, version, part, parts, octets } = message;
      writer.u8(DATA);
      return writeRecord(writer, data, { node, version, part, parts, octets });
    }
    case "NodeDataAck":
      writer.u8(DATA_ACK);
      return writeRecord(writer, dataAck, { node: message.node, version: message.version });
    default:
      return unreachable(message);
  }
}

/** The message in the payload of a user message; null for one of another application, and for a kind or view that this version does not know. */
export function decodeHeraldMessage(payload: Uint8Array): Result<HeraldMessage | null, WireError> {
  return decodeTotal<HeraldMessage | null>(payload, (reader) => {
    const isOurs = payload.length > MARK.length && MARK.every((octet, at) => payload[at] === octet);
    if (!isOurs) return null;
    reader.octets(MARK.length);
    switch (reader.u8()) {
      case REPORT: {
        const { watcher, node, incarnation, view: number, asks } = readRecord(reader, report);
        const view = VIEWS[number];
        return view === undefined ? null : { type: "WatcherReport", watcher, node, incarnation, view, asks };
      }
      case QUERY:
        return { type: "MemberQuery", ...readRecord(reader, query) };
      case DATA: {
        const { octets, ...rest } = readRecord(reader, data);
        return { type: "NodeData", ...rest, octets: octets ?? new Uint8Array() };
      }
      case DATA_ACK:
        return { type: "NodeDataAck", ...readRecord(reader, dataAck) };
      default:
        return null;
    }
  });
}
