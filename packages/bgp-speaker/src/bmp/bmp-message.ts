import { type ByteReader, ByteWriter, type IpAddress, isIpv6, type Result } from "@herald-lb/sansio";
import { decodeRecord, malformed, type RecordError } from "../record-error.ts";
import { putU32 } from "../octet-fields.ts";
import { type InformationTlv, readTlvs, writeTlvs } from "./information-tlv.ts";
import { type PeerDownReason, readReason, writeReason } from "./peer-down.ts";
import { type BmpPeer, readAddress, readPeer, writeAddress, writePeer } from "./per-peer-header.ts";
import { readStatistics, type Statistic, writeStatistics } from "./statistics.ts";

/** A message of the BGP Monitoring Protocol, RFC 7854 §4. BGP messages in it are whole, with their header, for `decodeMessage`. */
export type BmpMessage =
  /** §4.6. */
  | { readonly type: "RouteMonitoring"; readonly peer: BmpPeer; readonly update: Uint8Array }
  /** §4.8. */
  | { readonly type: "StatisticsReport"; readonly peer: BmpPeer; readonly statistics: readonly Statistic[] }
  /** §4.9. */
  | { readonly type: "PeerDown"; readonly peer: BmpPeer; readonly reason: PeerDownReason }
  | BmpPeerUp
  /** §4.3. */
  | { readonly type: "Initiation"; readonly information: readonly InformationTlv[] }
  /** §4.5. */
  | { readonly type: "Termination"; readonly information: readonly InformationTlv[] }
  /** One of another type, as it is; from a decoder a view of the frame. */
  | { readonly type: "Unknown"; readonly code: number; readonly body: Uint8Array };

/** RFC 7854 §4.10: the session of a peer is Established. */
export interface BmpPeerUp {
  readonly type: "PeerUp";
  readonly peer: BmpPeer;
  /** Of the family of the peer's address. */
  readonly localAddress: IpAddress;
  /** TCP ports; 0 where they are not known. */
  readonly localPort: number;
  readonly remotePort: number;
  readonly sentOpen: Uint8Array;
  readonly receivedOpen: Uint8Array;
  readonly information: readonly InformationTlv[];
}

/** Version, Message Length and Message Type: RFC 7854 §4.1. */
export const BMP_HEADER_LENGTH = 6;

/** The version of RFC 7854 §4.1. */
export const BMP_VERSION = 3;

/** Message types of RFC 7854 §4.1. */
const TYPE = {
  RouteMonitoring: 0,
  StatisticsReport: 1,
  PeerDown: 2,
  PeerUp: 3,
  Initiation: 4,
  Termination: 5,
} as const;

/** Octets of the Marker of a BGP message, behind which its Length is. */
const BGP_MARKER = 16;
const BGP_HEADER = 19;

/** Reads one whole BMP message, as `splitBmpFrames` gives it. The message holds views of `frame`. */
export function decodeBmpMessage(frame: Uint8Array): Result<BmpMessage, RecordError> {
  return decodeRecord(frame, (reader) => {
    if (reader.u8() !== BMP_VERSION) malformed(reader, "Version");
    if (reader.u32() !== frame.length) malformed(reader, "Message Length");
    return readBody(reader.u8(), reader);
  });
}

function readBody(code: number, reader: ByteReader): BmpMessage {
  switch (code) {
    case TYPE.RouteMonitoring:
      return { type: "RouteMonitoring", peer: readPeer(reader), update: reader.rest() };
    case TYPE.StatisticsReport:
      return { type: "StatisticsReport", peer: readPeer(reader), statistics: readStatistics(reader) };
    case TYPE.PeerDown:
      return { type: "PeerDown", peer: readPeer(reader), reason: readReason(reader) };
    case TYPE.PeerUp:
      return readPeerUp(reader);
    case TYPE.Initiation:
      return { type: "Initiation", information: readTlvs(reader) };
    case TYPE.Termination:
      return { type: "Termination", information: readTlvs(reader) };
    default:
      return { type: "Unknown", code, body: reader.rest() };
  }
}

function readPeerUp(reader: ByteReader): BmpPeerUp {
  const peer = readPeer(reader);
  return {
    type: "PeerUp",
    peer,
    localAddress: readAddress(reader, isIpv6(peer.address)),
    localPort: reader.u16(),
    remotePort: reader.u16(),
    sentOpen: readBgpMessage(reader),
    receivedOpen: readBgpMessage(reader),
    information: readTlvs(reader),
  };
}

/** A BGP message, which has its own length in its header. */
function readBgpMessage(reader: ByteReader): Uint8Array {
  const marker = reader.octets(BGP_MARKER);
  const length = reader.u16();
  if (length < BGP_HEADER) malformed(reader, "Length");
  const rest = reader.octets(length - BGP_MARKER - 2);
  const start = marker.byteOffset;
  return new Uint8Array(marker.buffer, start, rest.byteOffset + rest.length - start);
}

/** Writes one BMP message with its header. */
export function encodeBmpMessage(message: BmpMessage): Uint8Array {
  const writer = new ByteWriter(128);
  writer.u8(BMP_VERSION);
  writer.u32(0);
  writer.u8(message.type === "Unknown" ? message.code : TYPE[message.type]);
  writeBody(message, writer);
  const octets = writer.finish();
  putU32(octets, 1, octets.length);
  return octets;
}

function writeBody(message: BmpMessage, writer: ByteWriter): void {
  switch (message.type) {
    case "RouteMonitoring":
      writePeer(writer, message.peer);
      return writer.octets(message.update);
    case "StatisticsReport":
      writePeer(writer, message.peer);
      return writeStatistics(writer, message.statistics);
    case "PeerDown":
      writePeer(writer, message.peer);
      return writeReason(writer, message.reason);
    case "PeerUp":
      writePeer(writer, message.peer);
      writeAddress(writer, message.localAddress);
      writer.u16(message.localPort);
      writer.u16(message.remotePort);
      writer.octets(message.sentOpen);
      writer.octets(message.receivedOpen);
      return writeTlvs(writer, message.information);
    case "Initiation":
    case "Termination":
      return writeTlvs(writer, message.information);
    case "Unknown":
      return writer.octets(message.body);
  }
}
