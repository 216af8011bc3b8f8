import { err, ok, type Result, unreachable } from "@herald-lb/sansio";
import { encodePathAttributes } from "../attribute/path-attributes.ts";
import type { PathAttribute } from "../attribute/table.ts";
import type { CodecContext } from "../codec-context.ts";
import { MessageType } from "../iana.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { sessionReset } from "../session-reset.ts";
import { checkHeader, encodeHeader, HEADER_LENGTH } from "./header.ts";
import { keepalive, type KeepaliveMessage } from "./keepalive.ts";
import { decodeNotification, encodeNotification } from "./notification.ts";
import { decodeOpen, encodeOpen, type OpenMessage, type OpenReset } from "./open.ts";
import { decodeRouteRefresh, encodeRouteRefresh, type RouteRefreshMessage } from "./route-refresh.ts";
import { decodeUpdate, encodeUpdate, type UpdateMessage, type UpdateRepair } from "./update.ts";

/** Any BGP message, told apart by `type`: RFC 4271 §4 and RFC 2918 §3. */
export type BgpMessage = OpenMessage | UpdateMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;

/** The fault of a frame, and what RFC 4271 §6 and RFC 7606 §2 say to do about it. */
export type MessageError = OpenReset | UpdateRepair;

/**
 * Reads one whole message with its header, as `splitFrames` gives it. The message holds views of `frame`, which must not
 * change as long as the message is used.
 */
export function decodeMessage(frame: Uint8Array, context: CodecContext): Result<BgpMessage, MessageError> {
  if (frame.length < HEADER_LENGTH) return err(sessionReset("BadMessageLength"));
  const length = checkHeader(frame, 0, context.maxMessageLength);
  if (typeof length !== "number") return err(length);
  if (length !== frame.length) return err(sessionReset("BadMessageLength", frame.slice(16, 18)));
  switch (frame[18]) {
    case MessageType.Open:
      return decodeOpen(frame);
    case MessageType.Update:
      return decodeUpdate(frame, context);
    case MessageType.Notification:
      return ok(decodeNotification(frame));
    case MessageType.RouteRefresh:
      return decodeRouteRefresh(frame);
    default:
      return ok(keepalive);
  }
}

/**
 * Writes one message with its header. One that is longer than the context allows is a bug of the caller and throws. The octets
 * are the caller's, but lie in a buffer with those of other messages: copy them before transferring their `buffer`.
 */
export function encodeMessage(message: BgpMessage, context: CodecContext): Uint8Array {
  const { type } = message;
  const maximum = type === "OPEN" || type === "KEEPALIVE" ? 4096 : context.maxMessageLength;
  if (slab.length - used < maximum) {
    slab = new Uint8Array(SLAB_LENGTH);
    used = 0;
  }
  const end = encodeBody(message, slab, used + HEADER_LENGTH, context);
  const length = end - used;
  if (length > maximum) throw new Error(`${type} of ${length} octets where ${maximum} are allowed`);
  encodeHeader(slab, used, typeCodes[type], length);
  const octets = slab.subarray(used, end);
  used = end;
  return octets;
}

/** The number of octets that `pathAttributes` take in an UPDATE; with `encodedNlriLength` it tells what fits into one. */
export function encodedAttributesLength(pathAttributes: readonly PathAttribute[], context: CodecContext): number {
  return encodePathAttributes(pathAttributes, slab, used, context) - used;
}

function encodeBody(message: BgpMessage, out: Uint8Array, at: number, context: CodecContext): number {
  switch (message.type) {
    case "OPEN":
      return encodeOpen(message, out, at);
    case "UPDATE":
      return encodeUpdate(message, out, at, context);
    case "NOTIFICATION":
      return encodeNotification(message, out, at);
    case "KEEPALIVE":
      return at;
    case "ROUTE-REFRESH":
      return encodeRouteRefresh(message, out, at);
    default:
      return unreachable(message);
  }
}

const typeCodes: { readonly [Type in BgpMessage["type"]]: number } = {
  OPEN: MessageType.Open,
  UPDATE: MessageType.Update,
  NOTIFICATION: MessageType.Notification,
  KEEPALIVE: MessageType.Keepalive,
  "ROUTE-REFRESH": MessageType.RouteRefresh,
};

/** Octets in a slab: a buffer for each message costs more than writing it. */
const SLAB_LENGTH = 262_144;

/** The buffer that messages are written to; the octets behind `used` are free. */
let slab: Uint8Array = new Uint8Array(SLAB_LENGTH);
let used = 0;
