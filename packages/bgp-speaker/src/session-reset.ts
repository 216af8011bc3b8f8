import { type MessageErrorCode, notificationCodes } from "./error-code.ts";
import type { NotificationMessage } from "./notification-message.ts";

/** The end of a session: send `notification`, then close (RFC 4271 §6). */
export interface SessionReset {
  readonly outcome: "session-reset";
  readonly code: MessageErrorCode;
  readonly notification: NotificationMessage;
}

const NO_DATA: Uint8Array = new Uint8Array(0);

/** Makes the end of a session because of `code`; `data` is the Data field of the NOTIFICATION. */
export function sessionReset(code: MessageErrorCode, data: Uint8Array = NO_DATA): SessionReset {
  const [errorCode, subcode] = notificationCodes[code];
  return {
    outcome: "session-reset",
    code,
    notification: { type: "NOTIFICATION", code: errorCode, subcode, data },
  };
}
