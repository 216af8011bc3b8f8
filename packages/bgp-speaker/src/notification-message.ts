/** The reason for which the sender closes the session, RFC 4271 §4.5. Codes are those of `ErrorCode`. */
export interface NotificationMessage {
  readonly type: "NOTIFICATION";
  readonly code: number;
  readonly subcode: number;
  /** From a decoder a view of the frame. */
  readonly data: Uint8Array;
}
