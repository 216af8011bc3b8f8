/** RFC 4271 §4.5: why the sender closes the session. Codes are those of `ErrorCode`. */
export interface NotificationMessage {
  readonly type: "NOTIFICATION";
  readonly code: number;
  readonly subcode: number;
  /** A view of the frame that was decoded. */
  readonly data: Uint8Array;
}
