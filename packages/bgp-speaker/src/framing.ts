import { checkHeader, HEADER_LENGTH } from "./message/header.ts";
import type { SessionReset } from "./session-reset.ts";

/** The messages in the octets so far, and the rest. */
export interface SplitFrames {
  /** Whole messages in the order of the stream, each with its header. */
  readonly frames: readonly Uint8Array[];
  /** The start of a message whose rest has not come; give it to the next call. */
  readonly pending: Uint8Array;
  /** The fault of the header behind `frames`: nothing after it can be read. */
  readonly error: SessionReset | null;
}

/**
 * Splits a stream of octets into messages by their headers, RFC 4271 §4.1. Frames and `pending` are views of `chunk`, or of
 * a copy where a message began in an earlier one; a header is refused as soon as it is there, before its message is.
 */
export function splitFrames(pending: Uint8Array, chunk: Uint8Array, maxMessageLength: number): SplitFrames {
  const octets = pending.length === 0 ? chunk : concatenate(pending, chunk);
  const frames: Uint8Array[] = [];
  let at = 0;
  while (octets.length - at >= HEADER_LENGTH) {
    const length = checkHeader(octets, at, maxMessageLength);
    if (typeof length !== "number") return { frames, pending: octets.subarray(octets.length), error: length };
    if (octets.length - at < length) break;
    frames.push(octets.subarray(at, at + length));
    at += length;
  }
  return { frames, pending: octets.subarray(at), error: null };
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
