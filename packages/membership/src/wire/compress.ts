import { ByteWriter, err, type Result } from "@herald-lb/sansio";
import { decodeTotal } from "./decode-total.ts";
import { lzwCompress, lzwExpand } from "./lzw.ts";
import { MessageType } from "./message.ts";
import { octetString, readRecord, record, uint8, writeRecord } from "./record.ts";
import type { WireError } from "./wire-error.ts";

interface Compress {
  /** 0 is LZW, the only one there is. */
  readonly algo: number;
  readonly buf: Uint8Array | null;
}

const compress = record<Compress>({ algo: uint8, buf: octetString });

/** Wraps a message (its type first) in a compressed one. */
export function encodeCompress(message: Uint8Array): Uint8Array {
  const writer = new ByteWriter(message.length + 32);
  writer.u8(MessageType.compress);
  writeRecord(writer, compress, { algo: 0, buf: lzwCompress(message) });
  return writer.finish();
}

/** The message inside a compressed one (its type first), of at most `limit` octets. */
export function decodeCompress(octetsOfMessage: Uint8Array, limit: number): Result<Uint8Array, WireError> {
  const decoded = decodeTotal(octetsOfMessage, (reader) => {
    reader.skip(1);
    return readRecord(reader, compress);
  });
  if (!decoded.ok) return decoded;
  if (decoded.value.algo !== 0) return err({ code: "Malformed", offset: 0, what: "compression algorithm" });
  const expanded = lzwExpand(decoded.value.buf ?? new Uint8Array(), limit);
  if (expanded.ok || expanded.error.code === "TooLarge") return expanded;
  // What is short here stays short, however many octets of a stream follow.
  return err({ code: "Malformed", offset: 0, what: "LZW data" });
}
