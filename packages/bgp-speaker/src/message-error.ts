import type { UpdateOutcome } from "./attribute/attribute-codec.ts";
import type { NotificationMessage } from "./message/notification.ts";
import type { OpenMessage } from "./message/open.ts";
import type { UpdateMessage } from "./message/update.ts";

/** The names of RFC 4271 §6.1 to §6.3 (and RFC 7313 §5) for what is wrong with a message. */
export type MessageErrorCode =
  | "ConnectionNotSynchronized"
  | "BadMessageLength"
  | "BadMessageType"
  | "UnsupportedVersionNumber"
  | "BadPeerAs"
  | "BadBgpIdentifier"
  | "UnsupportedOptionalParameter"
  | "UnacceptableHoldTime"
  | "MalformedOptionalParameters"
  | "MalformedAttributeList"
  | "UnrecognizedWellKnownAttribute"
  | "MissingWellKnownAttribute"
  | "AttributeFlagsError"
  | "AttributeLengthError"
  | "InvalidOriginAttribute"
  | "InvalidNextHopAttribute"
  | "OptionalAttributeError"
  | "InvalidNetworkField"
  | "MalformedAsPath"
  | "InvalidRouteRefreshLength";

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
  /** The message where it could be read whole nevertheless. */
  readonly received?: OpenMessage | UpdateMessage;
}

/** The session lives (RFC 7606 §2): apply `update` in place of what the peer sent. */
export interface UpdateRepair {
  readonly outcome: "treat-as-withdraw" | "attribute-discard";
  /** The gravest of `issues`. */
  readonly code: MessageErrorCode;
  readonly issues: readonly UpdateIssue[];
  /** The UPDATE to act on: with treat-as-withdraw every route of it withdrawn, with attribute-discard the rest of its attributes. */
  readonly update: UpdateMessage;
  /** What the peer sent, without the malformed attributes. */
  readonly received: UpdateMessage;
}

/** Why a frame is no good message, and what RFC 4271 §6 and RFC 7606 §2 say to do. */
export type MessageError = SessionReset | UpdateRepair;
