import type { NotificationMessage } from "../notification-message.ts";
import { putOctets } from "../octet-fields.ts";
import { HEADER_LENGTH } from "./header.ts";

/** Reads the body of a NOTIFICATION; any will do, since RFC 4271 §6.4 has no answer to a bad one. */
export function decodeNotification(frame: Uint8Array): NotificationMessage {
  return {
    type: "NOTIFICATION",
    code: frame[HEADER_LENGTH] as number,
    subcode: frame[HEADER_LENGTH + 1] as number,
    data: frame.subarray(HEADER_LENGTH + 2),
  };
}

/** Writes the body of a NOTIFICATION at `at`, returns the position behind it. */
export function encodeNotification({ code, subcode, data }: NotificationMessage, out: Uint8Array, at: number): number {
  out[at] = code;
  out[at + 1] = subcode;
  return putOctets(out, at + 2, data);
}
