import { ByteReader, ByteWriter, err, ok, type Result } from "@herald-lb/sansio";
import { MessageType } from "./message.ts";
import type { WireError } from "./wire-error.ts";

/** The octets of a compound message before its parts, and for each part. */
export const COMPOUND_HEADER = 2;
/** The octets by which a compound message grows for each part. */
export const COMPOUND_PART = 2;

/** The parts of a compound message that are whole, and how many were announced but are not. */
export interface Compound {
  readonly parts: readonly Uint8Array[];
  readonly truncated: number;
}

/** Puts up to 255 messages (each with its type first) into one. */
export function encodeCompound(parts: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(parts.reduce((sum, part) => sum + part.length + COMPOUND_PART, COMPOUND_HEADER));
  writer.u8(MessageType.compound);
  writer.u8(parts.length);
  for (const part of parts) writer.u16(part.length);
  for (const part of parts) writer.octets(part);
  return writer.finish();
}

/** Takes a compound message (its type first) apart; parts that are cut off are counted, those before them are kept. */
export function decodeCompound(octets: Uint8Array): Result<Compound, WireError> {
  if (octets.length < COMPOUND_HEADER) return err({ code: "Truncated", offset: octets.length, wanted: 1 });
  const reader = new ByteReader(octets.subarray(1));
  const announced = reader.u8();
  if (reader.remaining < 2 * announced) {
    return err({ code: "Truncated", offset: COMPOUND_HEADER, wanted: 2 * announced });
  }
  const lengths = Array.from({ length: announced }, () => reader.u16());
  const parts: Uint8Array[] = [];
  for (const length of lengths) {
    if (length > reader.remaining) break;
    parts.push(reader.octets(length));
  }
  return ok({ parts, truncated: announced - parts.length });
}
