import { u32At } from "../octet-fields.ts";
import type { RecordError } from "../record-error.ts";
import { BMP_HEADER_LENGTH, BMP_VERSION } from "./bmp-message.ts";

/** The whole messages in a stream of octets, and the rest. */
export interface SplitBmpFrames {
  readonly frames: readonly Uint8Array[];
  /** The start of a message whose rest has not come; give it to the next call. */
  readonly pending: Uint8Array;
  /** The fault of the header behind `frames`: nothing after it can be read. */
  readonly error: RecordError | null;
}

/**
 * Splits a stream into BMP messages, RFC 7854 §4.1. A header is refused as soon as it is there: for another version, or for a length that is less
 * than the header's or more than `maxLength`.
 */
export function splitBmpFrames(pending: Uint8Array, chunk: Uint8Array, maxLength: number): SplitBmpFrames {
  const octets = new Uint8Array(pending.length + chunk.length);
  octets.set(pending);
  octets.set(chunk, pending.length);
  const frames: Uint8Array[] = [];
  let at = 0;
  for (; octets.length - at >= BMP_HEADER_LENGTH; at += u32At(octets, at + 1)) {
    const error = headerError(octets, at, maxLength);
    if (error !== null) return { frames, pending: new Uint8Array(0), error };
    const end = at + u32At(octets, at + 1);
    if (end > octets.length) break;
    frames.push(octets.subarray(at, end));
  }
  return { frames, pending: octets.subarray(at), error: null };
}

function headerError(octets: Uint8Array, at: number, maxLength: number): RecordError | null {
  if (octets[at] !== BMP_VERSION) return { code: "Malformed", offset: 1, field: "Version" };
  const length = u32At(octets, at + 1);
  return length < BMP_HEADER_LENGTH || length > maxLength
    ? { code: "Malformed", offset: 5, field: "Message Length" }
    : null;
}
