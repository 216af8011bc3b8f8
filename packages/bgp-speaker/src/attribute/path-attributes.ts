import type { CodecContext } from "../codec-context.ts";
import { type SessionReset, sessionReset } from "../session-reset.ts";
import type { UpdateIssue } from "./update-issue.ts";
import { putOctets, putU16, u16At } from "../octet-fields.ts";
import { type AttributeCodec, AttributeFlag, Category } from "./attribute-codec.ts";
import { attributeCodecs, codecByType, codecByTypeCode, type KnownAttribute, type PathAttribute } from "./table.ts";

/**
 * Reads the Path Attributes of an UPDATE in `octets` from `start` up to `end`. What the session survives is added to
 * `issues` (RFC 7606 §3), and the malformed attribute is left out.
 */
export function decodePathAttributes(
  octets: Uint8Array,
  start: number,
  end: number,
  context: CodecContext,
  issues: UpdateIssue[],
): PathAttribute[] | SessionReset {
  const attributes: PathAttribute[] = [];
  let seenBelow32 = 0;
  let seenBelow64 = 0;
  let at = start;
  while (at < end) {
    const flags = (octets[at] as number) & 0xf0;
    const value = at + ((flags & AttributeFlag.ExtendedLength) !== 0 ? 4 : 3);
    // RFC 7606 §4: the NLRI is still found by the Total Attribute Length, so the routes can be withdrawn.
    if (value > end) {
      issues.push({ code: "MalformedAttributeList", attribute: null, outcome: "treat-as-withdraw" });
      break;
    }
    const code = octets[at + 1] as number;
    const length = (flags & AttributeFlag.ExtendedLength) !== 0 ? u16At(octets, at + 2) : (octets[at + 2] as number);
    const next = value + length;
    if (next > end) {
      issues.push({ code: "AttributeLengthError", attribute: code, outcome: "treat-as-withdraw" });
      break;
    }
    const seen =
      code < 32
        ? (seenBelow32 & (1 << code)) !== 0
        : code < 64
          ? (seenBelow64 & (1 << (code - 32))) !== 0
          : attributes.some((each) => each.type === "UNKNOWN" && each.code === code);
    if (seen) {
      // RFC 7606 §3 (g): the first of several counts, but several MP attributes end the session.
      if (code === attributeCodecs.MP_REACH_NLRI.code || code === attributeCodecs.MP_UNREACH_NLRI.code) {
        return sessionReset("MalformedAttributeList");
      }
      issues.push({ code: "MalformedAttributeList", attribute: code, outcome: "attribute-discard" });
    } else {
      if (code < 32) seenBelow32 |= 1 << code;
      else if (code < 64) seenBelow64 |= 1 << (code - 32);
      const reset = decodeAttribute(octets, at, value, next, flags, code, context, attributes, issues);
      if (reset !== null) return reset;
    }
    at = next;
  }
  return attributes;
}

function decodeAttribute(
  octets: Uint8Array,
  start: number,
  value: number,
  end: number,
  flags: number,
  code: number,
  context: CodecContext,
  attributes: PathAttribute[],
  issues: UpdateIssue[],
): SessionReset | null {
  const codec = codecByTypeCode[code];
  if (codec === undefined) {
    // RFC 4271 §6.3: an attribute that is not optional has to be recognized.
    if ((flags & AttributeFlag.Optional) === 0) {
      return sessionReset("UnrecognizedWellKnownAttribute", octets.subarray(start, end));
    }
    attributes.push({ type: "UNKNOWN", code, flags, value: octets.subarray(value, end) });
    return null;
  }
  const attribute = codec.decode(octets, value, end, context);
  if (attribute === null && codec.onMalformed === "session-reset") {
    return sessionReset(codec.malformed, octets.subarray(start, end));
  }
  if (!flagsMatch(flags, codec.category)) {
    issues.push({ code: "AttributeFlagsError", attribute: code, outcome: codec.onWrongFlags ?? "treat-as-withdraw" });
    // The routes to withdraw are in these two.
    if (attribute?.type !== "MP_REACH_NLRI" && attribute?.type !== "MP_UNREACH_NLRI") return null;
  }
  if (attribute === null) {
    const external = context.peer === "external" ? codec.onMalformedFromExternal : undefined;
    issues.push({ code: codec.malformed, attribute: code, outcome: external ?? codec.onMalformed });
    return null;
  }
  const usual = end - value > 255 ? codec.category | AttributeFlag.ExtendedLength : codec.category;
  if (flags !== usual) (attribute as { flags?: number }).flags = flags;
  attributes.push(attribute);
  return null;
}

/** RFC 7606 §3 (c) for Optional and Transitive; RFC 4271 §4.3: Partial only on what is optional and transitive. */
function flagsMatch(flags: number, category: number): boolean {
  if ((flags & (AttributeFlag.Optional | AttributeFlag.Transitive)) !== category) return false;
  return (flags & AttributeFlag.Partial) === 0 || category === Category.OptionalTransitive;
}

/** Writes Path Attributes in the order given, returns the position behind them. */
export function encodePathAttributes(
  attributes: readonly PathAttribute[],
  out: Uint8Array,
  at: number,
  context: CodecContext,
): number {
  for (let i = 0; i < attributes.length; i++) at = encodeAttribute(attributes[i] as PathAttribute, out, at, context);
  return at;
}

function encodeAttribute(attribute: PathAttribute, out: Uint8Array, start: number, context: CodecContext): number {
  if (attribute.type === "UNKNOWN") {
    const value = openAttribute(out, start, attribute.flags, attribute.code);
    return closeAttribute(out, start, value, putOctets(out, value, attribute.value));
  }
  const codec = codecByType.get(attribute.type) as AttributeCodec<KnownAttribute>;
  const value = openAttribute(out, start, attribute.flags ?? codec.category, codec.code);
  return closeAttribute(out, start, value, codec.encode(attribute, out, value, context));
}

/** Writes flags and type code, leaves room for the length, returns where the value begins. */
function openAttribute(out: Uint8Array, at: number, flags: number, code: number): number {
  out[at] = flags;
  out[at + 1] = code;
  return at + ((flags & AttributeFlag.ExtendedLength) !== 0 ? 4 : 3);
}

/** Writes the length of the value, moving the value by an octet when its length turned out to need two. */
function closeAttribute(out: Uint8Array, start: number, value: number, end: number): number {
  const length = end - value;
  if (value - start === 4) {
    putU16(out, start + 2, length);
    return end;
  }
  if (length <= 255) {
    out[start + 2] = length;
    return end;
  }
  out.copyWithin(value + 1, value, end);
  out[start] = (out[start] as number) | AttributeFlag.ExtendedLength;
  putU16(out, start + 2, length);
  return end + 1;
}
