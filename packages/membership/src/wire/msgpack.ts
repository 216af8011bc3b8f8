import type { ByteReader, ByteWriter } from "@herald-lb/sansio";
import { BadValue } from "./wire-error.ts";

// The dialect of go-msgpack: strings and octets alike are the "old raw" family, which general libraries no longer write, and
// messages follow one another without framing, so that the reader must stop where a value ends.

/** A value's head: how many elements follow it. */
export interface Container {
  readonly kind: "map" | "array";
  readonly length: number;
}

/** Reads a whole number from `min` to `max` of any width; nil counts as 0. */
export function readInteger(reader: ByteReader, min: number, max: number): number {
  const at = reader.offset;
  const value = integerOf(reader, reader.u8());
  if (value === null || value < min || value > max) throw new BadValue(at, "integer");
  return value;
}

function integerOf(reader: ByteReader, head: number): number | null {
  if (head <= 0x7f) return head;
  if (head >= 0xe0) return head - 0x100;
  switch (head) {
    case 0xc0:
      return 0;
    case 0xcc:
      return reader.u8();
    case 0xcd:
      return reader.u16();
    case 0xce:
      return reader.u32();
    case 0xcf:
      return Number(reader.u64());
    case 0xd0:
      return (reader.u8() << 24) >> 24;
    case 0xd1:
      return (reader.u16() << 16) >> 16;
    case 0xd2:
      return reader.u32() | 0;
    case 0xd3:
      return Number(BigInt.asIntN(64, reader.u64()));
    default:
      return null;
  }
}

/** Reads a string or octets as a view; null for nil. */
export function readRaw(reader: ByteReader): Uint8Array | null {
  const at = reader.offset;
  const head = reader.u8();
  if (head === 0xc0) return null;
  const length = rawLength(reader, head);
  if (length === null) throw new BadValue(at, "string");
  return reader.octets(length);
}

function rawLength(reader: ByteReader, head: number): number | null {
  if (head >= 0xa0 && head <= 0xbf) return head & 0x1f;
  if (head === 0xd9 || head === 0xc4) return reader.u8();
  if (head === 0xda || head === 0xc5) return reader.u16();
  if (head === 0xdb || head === 0xc6) return reader.u32();
  return null;
}

/** Reads true or false; nil counts as false. */
export function readBoolean(reader: ByteReader): boolean {
  const at = reader.offset;
  const head = reader.u8();
  if (head !== 0xc0 && head !== 0xc2 && head !== 0xc3) throw new BadValue(at, "boolean");
  return head === 0xc3;
}

/** Reads the head of a map or an array; nil counts as an empty map. */
export function readContainer(reader: ByteReader): Container {
  const at = reader.offset;
  const container = containerOf(reader, reader.u8());
  if (container === null) throw new BadValue(at, "map");
  return container;
}

function containerOf(reader: ByteReader, head: number): Container | null {
  if (head === 0xc0) return { kind: "map", length: 0 };
  if ((head & 0xf0) === 0x80) return { kind: "map", length: head & 0x0f };
  if ((head & 0xf0) === 0x90) return { kind: "array", length: head & 0x0f };
  if (head === 0xdc) return { kind: "array", length: reader.u16() };
  if (head === 0xdd) return { kind: "array", length: reader.u32() };
  if (head === 0xde) return { kind: "map", length: reader.u16() };
  if (head === 0xdf) return { kind: "map", length: reader.u32() };
  return null;
}

/** Passes over one value of any kind. Counts instead of recursing: nesting is as deep as a peer likes. */
export function skipValue(reader: ByteReader): void {
  for (let left = 1; left > 0; left--) {
    const at = reader.offset;
    const head = reader.u8();
    const container = containerOf(reader, head);
    if (container !== null) {
      left += container.kind === "map" ? 2 * container.length : container.length;
      continue;
    }
    const raw = rawLength(reader, head);
    if (raw !== null) reader.skip(raw);
    else if (head === 0xca) reader.skip(4);
    else if (head === 0xcb) reader.skip(8);
    else if (head >= 0xd4 && head <= 0xd8) reader.skip(1 + (1 << (head - 0xd4)));
    else if (head >= 0xc7 && head <= 0xc9) {
      const length = head === 0xc7 ? reader.u8() : head === 0xc8 ? reader.u16() : reader.u32();
      reader.skip(1 + length);
    } else if (head !== 0xc2 && head !== 0xc3 && integerOf(reader, head) === null) throw new BadValue(at, "value");
  }
}

/** Writes an unsigned number below 2^32 in its shortest form. */
export function writeUnsigned(writer: ByteWriter, value: number): void {
  if (value <= 0x7f) writer.u8(value);
  else if (value <= 0xff) {
    writer.u8(0xcc);
    writer.u8(value);
  } else if (value <= 0xffff) {
    writer.u8(0xcd);
    writer.u16(value);
  } else {
    writer.u8(0xce);
    writer.u32(value);
  }
}

/** Writes a number that Go holds as `int`: from 128 on as a signed one, as go-msgpack v2 does. */
export function writeInt(writer: ByteWriter, value: number): void {
  if (value <= 0x7f) writer.u8(value);
  else if (value <= 0x7fff) {
    writer.u8(0xd1);
    writer.u16(value);
  } else {
    writer.u8(0xd2);
    writer.u32(value);
  }
}

/** Writes octets (null as nil) in the old raw family: 32 and more never get the one-octet length that came later. */
export function writeRaw(writer: ByteWriter, octets: Uint8Array | null): void {
  if (octets === null) {
    writer.u8(0xc0);
    return;
  }
  if (octets.length < 32) writer.u8(0xa0 | octets.length);
  else if (octets.length <= 0xffff) {
    writer.u8(0xda);
    writer.u16(octets.length);
  } else {
    writer.u8(0xdb);
    writer.u32(octets.length);
  }
  writer.octets(octets);
}

/** Writes true or false. */
export function writeBoolean(writer: ByteWriter, value: boolean): void {
  writer.u8(value ? 0xc3 : 0xc2);
}
