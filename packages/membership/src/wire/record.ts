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

/** Writes a struct as go-msgpack does: a map whose keys ascend. */
export function writeRecord<Value extends object>(writer: ByteWriter, fields: Fields<Value>, value: Value): void {
  const keys = keysOf(fields).filter((key) => !fields[key].omitted(value[key]));
  writer.u8(0x80 | keys.length);
  for (const key of keys.toSorted()) {
    writeRaw(writer, nodeNameToOctets(nodeName(wireKey(key))));
    fields[key].write(writer, value[key]);
  }
}

/** Reads a struct from a map in any order, or from an array in the order of declaration; what is unknown is passed over. */
export function readRecord<Value extends object>(reader: ByteReader, fields: Fields<Value>): Value {
  const keys = keysOf(fields);
  const values = new Map<keyof Value, unknown>(keys.map((key) => [key, fields[key].zero]));
  const byWireKey = new Map<string, keyof Value & string>(keys.map((key) => [wireKey(key), key]));
  const { kind, length } = readContainer(reader);
  for (let at = 0; at < length; at++) {
    const key = kind === "map" ? byWireKey.get(name.read(reader)) : keys[at];
    if (key === undefined) skipValue(reader);
    else values.set(key, fields[key].read(reader));
  }
  return Object.fromEntries(values) as Value;
}

function keysOf<Value extends object>(fields: Fields<Value>): (keyof Value & string)[] {
  return Object.keys(fields) as (keyof Value & string)[];
}

function wireKey(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}
