import { MessageType } from "../iana.ts";
import { type SessionReset, sessionReset } from "../session-reset.ts";
import { putU16, u16At } from "../octet-fields.ts";

/** Octets in the header of every message, RFC 4271 §4.1. */
export const HEADER_LENGTH = 19;

/** Octets in the Marker, all ones. */
const MARKER_LENGTH = 16;

/** RFC 4271 §6.1: the least Length of each Message Type; for KEEPALIVE also the greatest. */
const minimumLength: readonly (number | undefined)[] = [undefined, 29, 23, 21, 19, 23];

/**
 * Checks a header of 19 octets or more at `at`, RFC 4271 §6.1: marker, then length against the type's bounds and
 * `maxMessageLength`, then type. Returns the Length, or the error.
 */
export function checkHeader(octets: Uint8Array, at: number, maxMessageLength: number): number | SessionReset {
  for (let i = at; i < at + MARKER_LENGTH; i++) {
    if (octets[i] !== 0xff) return sessionReset("ConnectionNotSynchronized");
  }
  const length = u16At(octets, at + 16);
  const type = octets[at + 18] as number;
  const minimum = minimumLength[type];
  // RFC 8654 §4: OPEN and KEEPALIVE keep the limit of RFC 4271 §4.1.
  const maximum = type === MessageType.Keepalive ? HEADER_LENGTH : type === MessageType.Open ? 4096 : maxMessageLength;
  if (length < (minimum ?? HEADER_LENGTH) || length > maximum) {
    return sessionReset("BadMessageLength", octets.slice(at + 16, at + 18));
  }
  if (minimum === undefined) return sessionReset("BadMessageType", octets.slice(at + 18, at + 19));
  return length;
}

/** Writes the header of a message of `length` octets at `at`. */
export function encodeHeader(out: Uint8Array, at: number, type: number, length: number): void {
  for (let i = at; i < at + MARKER_LENGTH; i++) out[i] = 0xff;
  putU16(out, at + 16, length);
  out[at + 18] = type;
}
