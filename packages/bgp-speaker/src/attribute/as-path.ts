import type { CodecContext } from "../codec-context.ts";
import { AS_TRANS } from "../iana.ts";
import { putU16, putU32, u16At, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** One path segment, RFC 4271 §4.3 and RFC 5065 §3, of 1 to 255 AS numbers. */
export interface PathSegment {
  readonly type: "AS_SET" | "AS_SEQUENCE" | "AS_CONFED_SEQUENCE" | "AS_CONFED_SET";
  readonly autonomousSystems: readonly number[];
}

/** AS_PATH, RFC 4271 §5.1.2. Towards a peer with two-octet AS numbers the larger ones are written as AS_TRANS. */
export interface AsPath extends AttributeBase {
  readonly type: "AS_PATH";
  readonly segments: readonly PathSegment[];
}

/** RFC 4271 §4.3 b); the width of an AS number is the session's, RFC 6793 §4. */
export const asPath: AttributeCodec<AsPath> = {
  code: 2,
  category: Category.WellKnown,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.2
  malformed: "MalformedAsPath",
  decode: (octets, start, end, context) => {
    const segments = decodeSegments(octets, start, end, context.fourOctetAs);
    return segments === null ? null : { type: "AS_PATH", segments };
  },
  encode: ({ segments }, out, at, context: CodecContext) => encodeSegments(segments, out, at, context.fourOctetAs),
};

/** Reads path segments, or null when one has an unknown type, no AS number, or more than there are octets (RFC 7606 §7.2). */
export function decodeSegments(
  octets: Uint8Array,
  start: number,
  end: number,
  fourOctetAs: boolean,
): PathSegment[] | null {
  const segments: PathSegment[] = [];
  const width = fourOctetAs ? 4 : 2;
  let at = start;
  while (at < end) {
    if (at + 2 > end) return null;
    const type = segmentTypes[octets[at] as number];
    const count = octets[at + 1] as number;
    at += 2;
    if (type === undefined || count === 0 || at + count * width > end) return null;
    const autonomousSystems: number[] = [];
    for (let i = 0; i < count; i++) {
      autonomousSystems.push(fourOctetAs ? u32At(octets, at) : u16At(octets, at));
      at += width;
    }
    segments.push({ type, autonomousSystems });
  }
  return segments;
}

/** True where AS 0 is in a path, which RFC 7607 §2 makes malformed. */
export function hasAsZero(segments: readonly PathSegment[]): boolean {
  for (const { autonomousSystems } of segments) if (autonomousSystems.includes(0)) return true;
  return false;
}

/** Writes path segments, returns the position behind them. A longer segment than 255 AS numbers is written as several. */
export function encodeSegments(
  segments: readonly PathSegment[],
  out: Uint8Array,
  at: number,
  fourOctetAs: boolean,
): number {
  for (let s = 0; s < segments.length; s++) {
    const { type, autonomousSystems } = segments[s] as PathSegment;
    const count = autonomousSystems.length;
    let left = 0;
    for (let i = 0; i < count; i++, left--) {
      if (left === 0) {
        left = Math.min(255, count - i);
        out[at++] = segmentTypes.indexOf(type);
        out[at++] = left;
      }
      const autonomousSystem = autonomousSystems[i] as number;
      if (fourOctetAs) at = putU32(out, at, autonomousSystem);
      else at = putU16(out, at, autonomousSystem > 0xffff ? AS_TRANS : autonomousSystem);
    }
  }
  return at;
}

const segmentTypes: readonly (PathSegment["type"] | undefined)[] = [
  undefined,
  "AS_SET",
  "AS_SEQUENCE",
  "AS_CONFED_SEQUENCE",
  "AS_CONFED_SET",
];
