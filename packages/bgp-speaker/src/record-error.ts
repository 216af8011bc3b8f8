import { ByteReader, err, ok, type Result, ShortRead } from "@herald-lb/sansio";

/** The fault of a BMP message or an MRT record; offsets count from its first octet. */
export type RecordError =
  /** A field is longer than what is left. */
  | { readonly code: "Truncated"; readonly offset: number; readonly wanted: number }
  /** A field has a value that it must not have; `field` is the RFC's name. */
  | { readonly code: "Malformed"; readonly offset: number; readonly field: string };

/** Thrown by a decoder of records, and caught by `decodeRecord`. */
class MalformedField extends Error {
  readonly offset: number;
  readonly field: string;

  constructor(offset: number, field: string) {
    super(`malformed ${field} at ${offset}`);
    this.offset = offset;
    this.field = field;
  }
}

/** Ends the decoding of a record, because of the field that the reader stands behind. */
export function malformed(reader: ByteReader, field: string): never {
  throw new MalformedField(reader.offset, field);
}

/** Runs a decoder over octets, and turns the two ways in which it may fail into values. */
export function decodeRecord<Value>(
  octets: Uint8Array,
  decode: (reader: ByteReader) => Value,
): Result<Value, RecordError> {
  try {
    return ok(decode(new ByteReader(octets)));
  } catch (thrown) {
    if (thrown instanceof ShortRead) return err({ code: "Truncated", offset: thrown.offset, wanted: thrown.wanted });
    if (thrown instanceof MalformedField) return err({ code: "Malformed", offset: thrown.offset, field: thrown.field });
    throw thrown;
  }
}
