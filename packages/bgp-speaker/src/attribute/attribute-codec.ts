import type { CodecContext } from "../codec-context.ts";

/** What every recognized attribute may carry besides its value. */
export interface AttributeBase {
  /**
   * The Attribute Flags of RFC 4271 §4.3 as received, only where the encoder would choose others: Partial set, or
   * Extended Length on a short value. The low four bits are not kept, since a sender has to clear them.
   */
  readonly flags?: number;
}

/** RFC 7606 §2: what becomes of an UPDATE with an error in it, the weakest first. */
export type UpdateOutcome = "attribute-discard" | "treat-as-withdraw" | "session-reset";

/** The high bits of Attribute Flags that a recognized attribute must have, RFC 4271 §4.3. */
export const AttributeFlags: {
  readonly Optional: 0x80;
  readonly Transitive: 0x40;
  readonly Partial: 0x20;
  readonly ExtendedLength: 0x10;
} = { Optional: 0x80, Transitive: 0x40, Partial: 0x20, ExtendedLength: 0x10 };

/** How one attribute is read and written; a row of `attributeCodecs`. */
export interface AttributeCodec<Attribute> {
  /** The Attribute Type Code. */
  readonly code: number;
  /** The Optional and Transitive bits that the attribute is specified with. */
  readonly category: "well-known" | "optional-transitive" | "optional-non-transitive";
  /** What a malformed one does to its UPDATE. */
  readonly onMalformed: UpdateOutcome;
  /** The subcode of the UPDATE Message Error that names a malformed value, RFC 4271 §6.3. */
  readonly malformedSubcode?: number;
  /** Reads the value in `octets` from `start` up to `end`, or null when it is malformed. */
  readonly decode: (octets: Uint8Array, start: number, end: number, context: CodecContext) => Attribute | null;
  /** Writes the value at `at`, returns the position behind it. Writing past the end of `out` is noticed by the caller. */
  readonly encode: (attribute: Attribute, out: Uint8Array, at: number, context: CodecContext) => number;
}
