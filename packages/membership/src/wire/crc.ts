import { ByteReader, ByteWriter, err, ok, type Result } from "@herald-lb/sansio";
import { MessageType } from "./message.ts";
import type { WireError } from "./wire-error.ts";

const POLYNOMIAL = 0xedb8_8320;

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC-32 as IEEE 802.3 has it. */
export function crc32(octets: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const octet of octets) crc = (crc >>> 8) ^ (table[(crc ^ octet) & 0xff] as number);
  return ~crc >>> 0;
}

/** Puts a message behind its checksum. */
export function encodeCrc(message: Uint8Array): Uint8Array {
  const writer = new ByteWriter(message.length + 5);
  writer.u8(MessageType.hasCrc);
  writer.u32(crc32(message));
  writer.octets(message);
  return writer.finish();
}

/** The message behind a checksum (its type first) that fits. */
export function decodeCrc(octets: Uint8Array): Result<Uint8Array, WireError> {
  if (octets.length < 5) return err({ code: "Truncated", offset: 1, wanted: 4 });
  const reader = new ByteReader(octets.subarray(1));
  const expected = reader.u32();
  const message = reader.rest();
  return crc32(message) === expected ? ok(message) : err({ code: "BadCrc" });
}
