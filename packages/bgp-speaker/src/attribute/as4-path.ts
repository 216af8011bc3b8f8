import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";
import { decodeSegments, encodeSegments, hasAsZero, type PathSegment } from "./as-path.ts";

/** AS4_PATH, RFC 6793 §3: the path in four octets a number, through speakers that know only two. */
export interface As4Path extends AttributeBase {
  readonly type: "AS4_PATH";
  readonly segments: readonly PathSegment[];
}

/** RFC 6793 §3. One from a peer that knows four octets itself is read too; RFC 6793 §4.1 has the receiver ignore it. */
export const as4Path: AttributeCodec<As4Path> = {
  code: 17,
  category: Category.OptionalTransitive,
  onMalformed: "attribute-discard", // RFC 6793 §6, and RFC 7607 §2 for AS 0
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    const segments = decodeSegments(octets, start, end, true);
    return segments === null || segments.length === 0 || hasAsZero(segments) ? null : { type: "AS4_PATH", segments };
  },
  encode: ({ segments }, out, at) => encodeSegments(segments, out, at, true),
};
