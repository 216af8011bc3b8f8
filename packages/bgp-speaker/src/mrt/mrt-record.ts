import { ByteReader, err, ok, type Result } from "@herald-lb/sansio";
import { u32At } from "../octet-fields.ts";
import { decodeRecord, type RecordError } from "../record-error.ts";
import { type Bgp4mpMessage, type Bgp4mpStateChange, readBgp4mp } from "./bgp4mp.ts";
import { type PeerIndexTable, readTableDump, type RibRecord } from "./table-dump-v2.ts";

/** One record of an MRT file, RFC 6396 §2; `seconds` since 1970. */
export type MrtRecord = { readonly seconds: number; readonly microseconds: number } & MrtContent;

/** The content of a record by its type. */
export type MrtContent =
  | Bgp4mpMessage
  | Bgp4mpStateChange
  | PeerIndexTable
  | RibRecord
  /** One of another type or subtype, as it is; a view of the record. */
  | { readonly type: "Unknown"; readonly mrtType: number; readonly subtype: number; readonly body: Uint8Array };

/** Timestamp, Type, Subtype, Length: RFC 6396 §2. */
const HEADER_LENGTH = 12;

/** Types of RFC 6396 §4: of those with extended timestamps the body begins with microseconds (§3). */
const TYPE = { TableDumpV2: 13, Bgp4mp: 16, Bgp4mpEt: 17 } as const;

/** Reads one whole record with its header, as `splitMrtRecords` gives it. It holds views of `record`. */
export function decodeMrtRecord(record: Uint8Array): Result<MrtRecord, RecordError> {
  return decodeRecord(record, (reader) => {
    const seconds = reader.u32();
    const mrtType = reader.u16();
    const subtype = reader.u16();
    const body = new ByteReader(reader.octets(reader.u32()));
    const microseconds = mrtType === TYPE.Bgp4mpEt ? body.u32() : 0;
    return { seconds, microseconds, ...contentOf(mrtType, subtype, body) };
  });
}

function contentOf(mrtType: number, subtype: number, body: ByteReader): MrtContent {
  const read =
    mrtType === TYPE.TableDumpV2
      ? readTableDump(subtype, body)
      : mrtType === TYPE.Bgp4mp || mrtType === TYPE.Bgp4mpEt
        ? readBgp4mp(subtype, body)
        : null;
  return read ?? { type: "Unknown", mrtType, subtype, body: body.rest() };
}

/** The whole records in a stream of octets, and the rest: the start of one whose end has not come. */
export interface SplitMrtRecords {
  readonly records: readonly Uint8Array[];
  readonly pending: Uint8Array;
}

/** Splits a stream into records by their headers. A record longer than `maxLength` is an error: nothing after its header can be trusted. */
export function splitMrtRecords(
  pending: Uint8Array,
  chunk: Uint8Array,
  maxLength: number,
): Result<SplitMrtRecords, RecordError> {
  const octets = new Uint8Array(pending.length + chunk.length);
  octets.set(pending);
  octets.set(chunk, pending.length);
  const records: Uint8Array[] = [];
  let at = 0;
  while (octets.length - at >= HEADER_LENGTH) {
    const length = HEADER_LENGTH + u32At(octets, at + 8);
    if (length > maxLength) return err({ code: "Malformed", offset: 8, field: "Length" });
    if (at + length > octets.length) break;
    records.push(octets.subarray(at, at + length));
    at += length;
  }
  return ok({ records, pending: octets.subarray(at) });
}
