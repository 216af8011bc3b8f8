import { ByteReader, err, ok, type Result, ShortRead } from "@herald-lb/sansio";
import { BadValue, type WireError } from "./wire-error.ts";

/** Runs a decoder over octets and turns the two ways in which it may fail into values. */
export function decodeTotal<Value>(
  octets: Uint8Array,
  decode: (reader: ByteReader) => Value,
): Result<Value, WireError> {
  try {
    return ok(decode(new ByteReader(octets)));
  } catch (thrown) {
    if (thrown instanceof ShortRead) return err({ code: "Truncated", offset: thrown.offset, wanted: thrown.wanted });
    if (thrown instanceof BadValue) return err({ code: "Malformed", offset: thrown.offset, what: thrown.what });
    throw thrown;
  }
}
