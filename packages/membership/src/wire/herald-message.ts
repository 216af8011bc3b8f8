import { ByteWriter, type Result } from "@herald-lb/sansio";
import type { NodeName } from "../node-name.ts";
import { decodeTotal } from "./decode-total.ts";
import { boolean, type Fields, name, readRecord, uint32, uint8, writeRecord } from "./record.ts";
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

/** A message that speakers of Herald send each other as a user message of memberlist; other members ignore it. */
export type HeraldMessage =
  | ({ readonly type: "WatcherReport" } & WatcherReport)
  | ({ readonly type: "MemberQuery" } & MemberQuery);

/** The first octets of such a user message: a name, then the version of the format. */
const MARK: Uint8Array = Uint8Array.of(0x68, 0x65, 0x72, 0x61, 0x6c, 0x64, 1);
const REPORT = 1;
const QUERY = 2;

/** The views in the order of their numbers on the wire. */
const VIEWS: readonly WatcherView[] = ["Down", "Up", "Lost"];

interface ReportRecord extends Omit<WatcherReport, "view"> {
  readonly view: number;
}
const report: Fields<ReportRecord> = { watcher: name, node: name, incarnation: uint32, view: uint8, asks: boolean };
const query: Fields<MemberQuery> = { node: name };

/** The payload of the user message. */
export function encodeHeraldMessage(message: HeraldMessage): Uint8Array {
  const writer = new ByteWriter(128);
  writer.octets(MARK);
  if (message.type === "WatcherReport") {
    const { watcher, node, incarnation, asks } = message;
    writer.u8(REPORT);
    writeRecord(writer, report, { watcher, node, incarnation, view: VIEWS.indexOf(message.view), asks });
  } else {
    writer.u8(QUERY);
    writeRecord(writer, query, { node: message.node });
  }
  return writer.finish();
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
      default:
        return null;
    }
  });
}
