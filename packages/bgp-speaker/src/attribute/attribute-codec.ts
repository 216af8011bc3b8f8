import type { CodecContext } from "../codec-context.ts";
import type { MessageErrorCode } from "../error-code.ts";

/** The field that every recognized attribute may have beside its value. */
export interface AttributeBase {
  /**
   * The Attribute Flags of RFC 4271 §4.3 as received, only where the encoder would choose others: Partial set, or
   * Extended Length on a short value. The low four bits are not kept, since a sender has to clear them.
   */
  readonly flags?: number;
}

/** RFC 7606 §2: what becomes of an UPDATE with an error in it, the weakest first. */
export type UpdateOutcome = "attribute-discard" | "treat-as-withdraw" | "session-reset";

/** The bits of Attribute Flags, RFC 4271 §4.3. */
export const AttributeFlag: {
  readonly Optional: 0x80;
  readonly Transitive: 0x40;
  readonly Partial: 0x20;
  readonly ExtendedLength: 0x10;
} = { Optional: 0x80, Transitive: 0x40, Partial: 0x20, ExtendedLength: 0x10 };

/** The Attribute Flags of each category of RFC 4271 §5, without Partial and Extended Length. */
export const Category: {
  readonly WellKnown: 0x40;
  readonly OptionalTransitive: 0xc0;
  readonly OptionalNonTransitive: 0x80;
} = { WellKnown: 0x40, OptionalTransitive: 0xc0, OptionalNonTransitive: 0x80 };

/** The codec of one attribute; a row of `attributeCodecs`. */
export interface AttributeCodec<Attribute> {
  /** The Attribute Type Code. */
  readonly code: number;
  /** The Attribute Flags it is specified with. */
  readonly category: 0x40 | 0xc0 | 0x80;
  /** The effect of a malformed one on its UPDATE. */
  readonly onMalformed: UpdateOutcome;
  /** The same from an external peer, for an attribute that only internal peers may send. */
  readonly onMalformedFromExternal?: UpdateOutcome;
  /** The effect of other Optional and Transitive flags, where it is not RFC 7606 §3 (c): treat-as-withdraw. */
  readonly onWrongFlags?: UpdateOutcome;
  /** The name of RFC 4271 §6.3 for a malformed value. */
  readonly malformed: MessageErrorCode;
  /** Reads the value in `octets` from `start` up to `end`, or null when it is malformed. */
  readonly decode: (octets: Uint8Array, start: number, end: number, context: CodecContext) => Attribute | null;
  /**
   * Writes the value at `at`, returns the position behind it. Writing past the end of `out` is noticed by the caller.
   * A method, not a property, so that rows of different attributes stand in one table.
   */
  encode(attribute: Attribute, out: Uint8Array, at: number, context: CodecContext): number;
}
