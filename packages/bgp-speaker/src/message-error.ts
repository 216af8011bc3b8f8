import type { UpdateOutcome } from "./attribute/attribute-codec.ts";
import { type MessageErrorCode, notificationCodes } from "./error-code.ts";
import type { NotificationMessage } from "./message/notification.ts";
import type { OpenMessage } from "./message/open.ts";
import type { UpdateMessage } from "./message/update.ts";

export type { MessageErrorCode } from "./error-code.ts";

/** One thing that is wrong with an UPDATE. */
export interface UpdateIssue {
  readonly code: MessageErrorCode;
  /** The Attribute Type Code concerned, or null when it is the UPDATE as a whole. */
  readonly attribute: number | null;
  readonly outcome: UpdateOutcome;
}

/** The session ends: send `notification`, then close (RFC 4271 §6). */
export interface SessionReset {
  readonly outcome: "session-reset";
  readonly code: MessageErrorCode;
  readonly notification: NotificationMessage;
  /** The OPEN, where it could be read whole nevertheless. */
  readonly received?: OpenMessage;
}

/** The session lives (RFC 7606 §2): apply `update` in place of what the peer sent. */
export interface UpdateRepair {
  readonly outcome: "treat-as-withdraw" | "attribute-discard";
  /** That of the first of the gravest `issues`. */
  readonly code: MessageErrorCode;
  readonly issues: readonly UpdateIssue[];
  /** The UPDATE to act on: with treat-as-withdraw every route of it withdrawn, with attribute-discard the rest of its attributes. */
  readonly update: UpdateMessage;
  /** What the peer sent, without the malformed attributes. */
  readonly received: UpdateMessage;
}

/** Why a frame is no good message, and what RFC 4271 §6 and RFC 7606 §2 say to do. */
export type MessageError = SessionReset | UpdateRepair;

/** The end of a session because of `code`; `data` is the Data field of the NOTIFICATION. */
export function sessionReset(code: MessageErrorCode, data: Uint8Array = NO_DATA, received?: OpenMessage): SessionReset {
  const [errorCode, subcode] = notificationCodes[code];
  const notification: NotificationMessage = { type: "NOTIFICATION", code: errorCode, subcode, data };
  return received === undefined
    ? { outcome: "session-reset", code, notification }
    : { outcome: "session-reset", code, notification, received };
}

const NO_DATA: Uint8Array = new Uint8Array(0);
