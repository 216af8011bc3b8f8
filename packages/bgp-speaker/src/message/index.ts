import { err, ok, type Result, unreachable } from "@herald-lb/sansio";
import { encodePathAttributes } from "../attribute/path-attributes.ts";
import type { PathAttribute } from "../attribute/table.ts";
import type { CodecContext } from "../codec-context.ts";
import { MessageType } from "../iana.ts";
import { type MessageError, sessionReset } from "../message-error.ts";
import { checkHeader, encodeHeader, HEADER_LENGTH } from "./header.ts";
import { keepalive, type KeepaliveMessage } from "./keepalive.ts";
import { decodeNotification, encodeNotification, type NotificationMessage } from "./notification.ts";
import { decodeOpen, encodeOpen, type OpenMessage } from "./open.ts";
import { decodeRouteRefresh, encodeRouteRefresh, type RouteRefreshMessage } from "./route-refresh.ts";
import { decodeUpdate, encodeUpdate, type UpdateMessage } from "./update.ts";

/** Any BGP message, told apart by `type`: RFC 4271 §4 and RFC 2918 §3. */
export type BgpMessage = OpenMessage | UpdateMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;

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

/** Writes one message with its header. One that is longer than the context allows is a bug of the caller and throws. */
export function encodeMessage(message: BgpMessage, context: CodecContext): Uint8Array {
  const out = scratch;
  const length = encodeBody(message, out, context);
  const limited = message.type === "OPEN" || message.type === "KEEPALIVE";
  const maximum = limited ? 4096 : context.maxMessageLength;
  if (length > maximum) throw new Error(`${message.type} of ${length} octets where ${maximum} are allowed`);
  encodeHeader(out, typeCodes[message.type], length);
  return out.slice(0, length);
}

/** How many octets `pathAttributes` take in an UPDATE; with `encodedNlriLength` it says what fits into one. */
export function encodedAttributesLength(pathAttributes: readonly PathAttribute[], context: CodecContext): number {
  return encodePathAttributes(pathAttributes, scratch, 0, context);
}

function encodeBody(message: BgpMessage, out: Uint8Array, context: CodecContext): number {
  switch (message.type) {
    case "OPEN":
      return encodeOpen(message, out);
    case "UPDATE":
      return encodeUpdate(message, out, context);
    case "NOTIFICATION":
      return encodeNotification(message, out);
    case "KEEPALIVE":
      return HEADER_LENGTH;
    case "ROUTE-REFRESH":
      return encodeRouteRefresh(message, out);
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

/** Written and copied within one call: room for the longest message without clearing 64 KiB for each. */
const scratch: Uint8Array = new Uint8Array(65536);
