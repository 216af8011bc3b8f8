import type { AttributeBase } from "./attribute-codec.ts";

/** One path segment, RFC 4271 §4.3 and RFC 5065 §3. At most 255 AS numbers; in an OPEN or UPDATE none is above 4294967295. */
export interface PathSegment {
  readonly type: "AS_SET" | "AS_SEQUENCE" | "AS_CONFED_SEQUENCE" | "AS_CONFED_SET";
  readonly autonomousSystems: readonly number[];
}

/** AS_PATH, RFC 4271 §5.1.2. Towards a peer with two-octet AS numbers the larger ones are written as AS_TRANS. */
export interface AsPath extends AttributeBase {
  readonly type: "AS_PATH";
  readonly segments: readonly PathSegment[];
}

/** AS4_PATH, RFC 6793 §3: the path in four octets a number, through speakers that know only two. */
export interface As4Path extends AttributeBase {
  readonly type: "AS4_PATH";
  readonly segments: readonly PathSegment[];
}
