/** Why octets are not what they should be. Offsets are in octets from the start of the part that failed. */
export type WireError =
  | { readonly code: "Truncated"; readonly offset: number; readonly wanted: number }
  | { readonly code: "Malformed"; readonly offset: number; readonly what: string }
  | { readonly code: "UnknownMessageType"; readonly messageType: number }
  | { readonly code: "UnacceptableLabel" }
  | { readonly code: "Undecryptable" }
  | { readonly code: "BadCrc" }
  | { readonly code: "TooLarge"; readonly limit: number };

/** Thrown inside a decoder at a value that is not what the field is; it is caught once and never leaves this folder. */
export class BadValue extends Error {
  readonly offset: number;
  readonly what: string;

  constructor(offset: number, what: string) {
    super(`bad value: ${what} at offset ${offset}`);
    this.offset = offset;
    this.what = what;
  }
}
