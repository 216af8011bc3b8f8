import { err, ok, type Result } from "@herald-lb/sansio";
import { hasAsZero } from "../attribute/as-path.ts";
import { decodePathAttributes, encodePathAttributes } from "../attribute/path-attributes.ts";
import { attributeCodecs, type PathAttribute } from "../attribute/table.ts";
import type { CodecContext } from "../codec-context.ts";
import { type Family, IPV4_UNICAST, sameFamily } from "../family.ts";
import type { UpdateIssue } from "../attribute/update-issue.ts";
import type { MessageErrorCode } from "../error-code.ts";
import { type SessionReset, sessionReset } from "../session-reset.ts";
import { decodeNlri, encodeNlri, type Nlri } from "../nlri.ts";
import { putU16, u16At } from "../octet-fields.ts";
import { HEADER_LENGTH } from "./header.ts";

/** RFC 4271 §4.3: routes withdrawn, and routes announced with the attributes they share. */
export interface UpdateMessage {
  readonly type: "UPDATE";
  /** IPv4 unicast only; other families are in MP_UNREACH_NLRI. */
  readonly withdrawnRoutes: readonly Nlri[];
  /** In the order of the wire, which the encoder keeps. */
  readonly pathAttributes: readonly PathAttribute[];
  /** IPv4 unicast only; other families are in MP_REACH_NLRI. */
  readonly nlri: readonly Nlri[];
}

/** A fault that the session survives (RFC 7606 §2): apply `update` in place of the UPDATE that the peer sent. */
export interface UpdateRepair {
  readonly outcome: "treat-as-withdraw" | "attribute-discard";
  /** The code of the first of the gravest `issues`. */
  readonly code: MessageErrorCode;
  readonly issues: readonly UpdateIssue[];
  /** The UPDATE to act on: with treat-as-withdraw every route of it withdrawn, with attribute-discard the rest of its attributes. */
  readonly update: UpdateMessage;
  /** The UPDATE that the peer sent, without the malformed attributes. */
  readonly received: UpdateMessage;
}

/** Reads the body of an UPDATE, RFC 4271 §6.3 as RFC 7606 §3 revises it. */
export function decodeUpdate(
  frame: Uint8Array,
  context: CodecContext,
): Result<UpdateMessage, SessionReset | UpdateRepair> {
  const withdrawnStart = HEADER_LENGTH + 2;
  const withdrawnEnd = withdrawnStart + u16At(frame, HEADER_LENGTH);
  const attributesStart = withdrawnEnd + 2;
  if (attributesStart > frame.length) return err(sessionReset("MalformedAttributeList"));
  const attributesEnd = attributesStart + u16At(frame, withdrawnEnd);
  if (attributesEnd > frame.length) return err(sessionReset("MalformedAttributeList"));

  const withdrawnRoutes = decodeNlri(frame, withdrawnStart, withdrawnEnd, IPV4_UNICAST, context);
  if (withdrawnRoutes === null) return err(sessionReset("InvalidNetworkField"));
  const issues: UpdateIssue[] = [];
  const pathAttributes = decodePathAttributes(frame, attributesStart, attributesEnd, context, issues);
  if (!Array.isArray(pathAttributes)) return err(pathAttributes);
  const nlri = decodeNlri(frame, attributesEnd, frame.length, IPV4_UNICAST, context);
  if (nlri === null) return err(sessionReset("InvalidNetworkField"));

  const update: UpdateMessage = { type: "UPDATE", withdrawnRoutes, pathAttributes, nlri };
  noteSemanticErrors(update, context, issues);
  return issues.length === 0 ? ok(update) : err(repair(update, issues));
}

/** Writes the body of an UPDATE at `at`, returns the position behind it. */
export function encodeUpdate(update: UpdateMessage, out: Uint8Array, at: number, context: CodecContext): number {
  const withdrawnStart = at + 2;
  const withdrawnEnd = encodeNlri(update.withdrawnRoutes, out, withdrawnStart, IPV4_UNICAST, context);
  putU16(out, at, withdrawnEnd - withdrawnStart);
  const attributesStart = withdrawnEnd + 2;
  const attributesEnd = encodePathAttributes(update.pathAttributes, out, attributesStart, context);
  putU16(out, withdrawnEnd, attributesEnd - attributesStart);
  return encodeNlri(update.nlri, out, attributesEnd, IPV4_UNICAST, context);
}

/** The marker that all routes of a family were sent, RFC 4724 §2. */
export function endOfRib(family: Family): UpdateMessage {
  const pathAttributes: readonly PathAttribute[] = sameFamily(family, IPV4_UNICAST)
    ? []
    : [{ type: "MP_UNREACH_NLRI", family, withdrawnRoutes: [] }];
  return { type: "UPDATE", withdrawnRoutes: [], pathAttributes, nlri: [] };
}

/** The family whose End-of-RIB `update` is, or null when it is none. */
export function endOfRibFamily({ withdrawnRoutes, pathAttributes, nlri }: UpdateMessage): Family | null {
  if (withdrawnRoutes.length > 0 || nlri.length > 0 || pathAttributes.length > 1) return null;
  const attribute = pathAttributes[0];
  if (attribute === undefined) return IPV4_UNICAST;
  if (attribute.type !== "MP_UNREACH_NLRI") return null;
  const routes = "opaque" in attribute ? attribute.opaque : attribute.withdrawnRoutes;
  return routes.length === 0 ? attribute.family : null;
}

/** True for an End-of-RIB of any family. */
export function isEndOfRib(update: UpdateMessage): boolean {
  return endOfRibFamily(update) !== null;
}

/** RFC 7606 §2 treat-as-withdraw: the UPDATE that withdraws every route which `update` announces or withdraws. */
export function treatAsWithdraw({ withdrawnRoutes, pathAttributes, nlri }: UpdateMessage): UpdateMessage {
  const withdrawals: PathAttribute[] = [];
  for (const attribute of pathAttributes) {
    if (attribute.type === "MP_UNREACH_NLRI") withdrawals.push(attribute);
    else if (attribute.type === "MP_REACH_NLRI" && !("opaque" in attribute)) {
      withdrawals.push({ type: "MP_UNREACH_NLRI", family: attribute.family, withdrawnRoutes: attribute.nlri });
    }
  }
  return { type: "UPDATE", withdrawnRoutes: [...withdrawnRoutes, ...nlri], pathAttributes: withdrawals, nlri: [] };
}

/**
 * RFC 4271 §6.3: attributes that announced routes must have; RFC 7606 §3 (d): without them the routes are withdrawn. So they
 * are where AS 0 is in the path, RFC 7607 §2.
 */
function noteSemanticErrors(
  { pathAttributes, nlri }: UpdateMessage,
  context: CodecContext,
  issues: UpdateIssue[],
): void {
  let present = 0;
  for (const attribute of pathAttributes) {
    const { type } = attribute;
    if (type === "ORIGIN") present |= 1;
    else if (type === "AS_PATH") {
      present |= 2;
      if (hasAsZero(attribute.segments)) {
        issues.push({ code: "MalformedAsPath", attribute: attributeCodecs.AS_PATH.code, outcome: "treat-as-withdraw" });
      }
    } else if (type === "NEXT_HOP") present |= 4;
    else if (type === "LOCAL_PREF") present |= 8;
    else if (type === "MP_REACH_NLRI") present |= 16;
  }
  const wanted = nlri.length > 0 ? 7 : (present & 16) !== 0 ? 3 : 0;
  const missing = (wanted === 0 || context.peer !== "internal" ? wanted : wanted | 8) & ~present;
  if (missing === 0) return;
  if ((missing & 1) !== 0) noteOne(attributeCodecs.ORIGIN.code, issues);
  if ((missing & 2) !== 0) noteOne(attributeCodecs.AS_PATH.code, issues);
  if ((missing & 4) !== 0) noteOne(attributeCodecs.NEXT_HOP.code, issues);
  if ((missing & 8) !== 0) noteOne(attributeCodecs.LOCAL_PREF.code, issues);
}

/** An attribute that was there but malformed is an issue already. */
function noteOne(attribute: number, issues: UpdateIssue[]): void {
  if (issues.some((issue) => issue.attribute === attribute)) return;
  issues.push({ code: "MissingWellKnownAttribute", attribute, outcome: "treat-as-withdraw" });
}

function repair(received: UpdateMessage, issues: readonly UpdateIssue[]): UpdateRepair {
  const gravest = issues.find((issue) => issue.outcome === "treat-as-withdraw") ?? (issues[0] as UpdateIssue);
  return gravest.outcome === "treat-as-withdraw"
    ? { outcome: "treat-as-withdraw", code: gravest.code, issues, update: treatAsWithdraw(received), received }
    : { outcome: "attribute-discard", code: gravest.code, issues, update: received, received };
}
