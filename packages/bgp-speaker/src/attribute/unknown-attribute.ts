/** An attribute that is not known here, or that belongs to a feature Herald does not have: carried as it is. */
export interface UnknownAttribute {
  readonly type: "UNKNOWN";
  /** The Attribute Type Code. */
  readonly code: number;
  /** The Attribute Flags, RFC 4271 §4.3; low four bits cleared. */
  readonly flags: number;
  /** From a decoder a view of the frame. */
  readonly value: Uint8Array;
}
