import type { ByteReader, ByteWriter } from "@herald-lb/sansio";
import { type NodeName, nodeName, nodeNameFromOctets, nodeNameToOctets } from "../node-name.ts";
import {
  readBoolean,
  readContainer,
  readInteger,
  readRaw,
  skipValue,
  writeBoolean,
  writeInt,
  writeRaw,
  writeUnsigned,
} from "./msgpack.ts";

/** The codec of one field of a Go struct. */
export interface Field<Value> {
  /** The value of an absent field. */
  readonly zero: Value;
  readonly read: (reader: ByteReader) => Value;
  readonly write: (writer: ByteWriter, value: Value) => void;
  /** Go's `omitempty`: true where the value is left out. */
  readonly omitted: (value: Value) => boolean;
}

/** The fields of a Go struct in the order of its declaration; the key on the wire is the property with a capital first letter. */
export type Fields<Value> = { readonly [Key in keyof Value]-?: Field<Value[Key]> };

const never = (): boolean => false;

/** A node's name. */
export const name: Field<NodeName> = {
  zero: nodeName(""),
  read: (reader) => nodeNameFromOctets(readRaw(reader) ?? new Uint8Array()),
  write: (writer, value) => writeRaw(writer, nodeNameToOctets(value)),
  omitted: never,
};

/** Octets; null is Go's nil, which is not the same on the wire as none. */
export const octetString: Field<Uint8Array | null> = { zero: null, read: readRaw, write: writeRaw, omitted: never };

/** Go's uint32. */
export const uint32: Field<number> = {
  zero: 0,
  read: (reader) => readInteger(reader, 0, 0xffff_ffff),
  write: writeUnsigned,
  omitted: never,
};

/** Go's uint16. */
export const uint16: Field<number> = { ...uint32, read: (reader) => readInteger(reader, 0, 0xffff) };

/** Go's uint8. */
export const uint8: Field<number> = { ...uint32, read: (reader) => readInteger(reader, 0, 0xff) };

/** Go's int, where it counts something. */
export const count: Field<number> = {
  zero: 0,
  read: (reader) => readInteger(reader, 0, 0x7fff_ffff),
  write: writeInt,
  omitted: never,
};

/** Go's bool. */
export const boolean: Field<boolean> = { zero: false, read: readBoolean, write: writeBoolean, omitted: never };

/** The same field with Go's `omitempty`. */
export function optional<Value>(field: Field<Value>): Field<Value> {
  return {
    ...field,
    omitted: (value) => value === field.zero || value === null || (value instanceof Uint8Array && value.length === 0),
  };
}

/** The codec of a Go struct. */
export interface RecordCodec<Value> {
  /** In the order of declaration. */
  readonly declared: readonly NamedField<Value>[];
  /** In the order of the keys on the wire. */
  readonly ascending: readonly NamedField<Value>[];
  readonly zero: Value;
}

interface NamedField<Value> extends Field<Value[keyof Value & string]> {
  readonly key: keyof Value & string;
  /** The key on the wire. */
  readonly wireKey: Uint8Array;
}

/** The codec of a struct with these fields. Packets are read and written a hundred times a second: what the fields alone decide is worked out here. */
export function record<Value extends object>(fields: Fields<Value>): RecordCodec<Value> {
  const keys = Object.keys(fields) as (keyof Value & string)[];
  const declared = keys.map((key): NamedField<Value> => {
    const field: Field<Value[keyof Value & string]> = fields[key];
    return { ...field, key, wireKey: nodeNameToOctets(nodeName(key.charAt(0).toUpperCase() + key.slice(1))) };
  });
  const ascending = declared.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const zero = Object.fromEntries(declared.map((field) => [field.key, field.zero])) as Value;
  return { declared, ascending, zero };
}

/** Writes a struct as go-msgpack does: a map whose keys ascend. */
export function writeRecord<Value extends object>(writer: ByteWriter, codec: RecordCodec<Value>, value: Value): void {
  const head = writer.reserveU8();
  let written = 0;
  for (const { key, wireKey, omitted, write } of codec.ascending) {
    if (omitted(value[key])) continue;
    written++;
    writeRaw(writer, wireKey);
    write(writer, value[key]);
  }
  writer.patchU8(head, 0x80 | written);
}

/** Reads a struct from a map in any order, or from an array in the order of declaration; what is unknown is passed over. */
export function readRecord<Value extends object>(reader: ByteReader, codec: RecordCodec<Value>): Value {
  const { declared, ascending, zero } = codec;
  const value = { ...zero };
  const { kind, length } = readContainer(reader);
  for (let at = 0; at < length; at++) {
    const field = kind === "map" ? fieldOf(ascending, at, readRaw(reader)) : declared[at];
    if (field === undefined) skipValue(reader);
    else value[field.key] = field.read(reader);
  }
  return value;
}

/** The field of a key; looked for first at the place that it has where none before it is left out. */
function fieldOf<Value>(
  ascending: readonly NamedField<Value>[],
  at: number,
  key: Uint8Array | null,
): NamedField<Value> | undefined {
  const isNamed = (field: NamedField<Value> | undefined): boolean => isEqual(field?.wireKey ?? null, key);
  return isNamed(ascending[at]) ? ascending[at] : ascending.find(isNamed);
}

function isEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null || a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
