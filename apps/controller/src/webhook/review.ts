import { isDeepStrictEqual } from "node:util";
import { type ConfigIssue, readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { AdmissionRequest, AdmissionResponse } from "./admission-review.ts";

/** The kinds of objects that decide if an object of a kind is valid, its own kind among them. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  IPAddressPool: ["IPAddressPool", "BGPAdvertisement", "Community"],
  L2Advertisement: ["L2Advertisement", "IPAddressPool"],
  BGPAdvertisement: ["BGPAdvertisement", "IPAddressPool", "Community", "BGPPeer"],
  BGPPeer: ["BGPPeer", "BFDProfile"],
  BFDProfile: ["BFDProfile", "BGPPeer"],
  Community: ["Community"],
};

/**
 * The issues that are no reason to deny a change: a later object may resolve them, so that the order in a file does not matter; or Herald
 * only does not act on a field of MetalLB's.
 */
const NO_REASON: ReadonlySet<ConfigIssue["code"]> = new Set(["NotActedOn", "UnknownCommunity", "UnknownReference"]);

/** The issues for which MetalLB denies a change, although Herald only notes them. */
const REMARKED: ReadonlySet<ConfigIssue["code"]> = new Set(["Duplicate", "ConflictingAdvertisements"]);

/** Warnings are cut by the API server beyond 256 characters, and dropped beyond 4096 of them all. */
const WARNING_LENGTH = 250;
const WARNINGS = 15;

/** The kinds whose live objects `reviewAdmission` needs for its answer; empty where it needs none. */
export function kindsReviewedWith(request: AdmissionRequest): readonly string[] {
  const { operation, kind } = request;
  if (operation === "DELETE") return kind === "BFDProfile" ? ["BGPPeer"] : [];
  return changesNothing(request) ? [] : (TOGETHER[kind] ?? []);
}

/**
 * Decides if the API server should accept a change. As with MetalLB's webhooks, an object that the parser refuses is denied, with every
 * field that is wrong. Only the issues that the change adds count, on its own object and on others: an object that was wrong before does
 * not block a change elsewhere. `live` are the objects of `namespace` as they are now, of the kinds that `kindsReviewedWith` names.
 */
export function reviewAdmission(
  request: AdmissionRequest,
  live: readonly KubernetesObject[],
  namespace: string,
): AdmissionResponse {
  const { uid, operation, object, name } = request;
  if (operation === "DELETE") return reviewDeletion(request, live);
  if (operation === "CREATE" && request.namespace !== namespace)
    return denied(uid, [`resource must be created in ${namespace} namespace`], []);
  if (object === null || request.namespace !== namespace || changesNothing(request)) return { uid, allowed: true };

  const others = live.filter((candidate) => !isSubject(candidate, request));
  const before = request.oldObject === null ? others : [...others, request.oldObject];
  const known = new Set(readConfiguration(before).issues.map(identityOf));
  const { issues } = readConfiguration([...others, dated(object)]);
  const own = issues.filter((issue) => issue.object.kind === request.kind && issue.object.name === name);
  const brought = issues.filter((issue) => !own.includes(issue) && isReason(issue) && !known.has(identityOf(issue)));
  const reasons = [
    ...own.filter(isReason).map(lineOf),
    ...brought.map((issue) => `${issue.object.kind} "${issue.object.name}": ${lineOf(issue)}`),
  ];
  const warnings = own.filter((issue) => !isReason(issue)).map(lineOf);
  return reasons.length > 0 ? denied(uid, reasons, warnings) : { uid, allowed: true, ...cutWarnings(warnings) };
}

function reviewDeletion(
  { uid, kind, name, namespace }: AdmissionRequest,
  live: readonly KubernetesObject[],
): AdmissionResponse {
  const users = live.filter(
    (candidate) =>
      candidate.kind === "BGPPeer" &&
      candidate.metadata?.namespace === namespace &&
      (candidate as { readonly spec?: { readonly bfdProfile?: unknown } }).spec?.bfdProfile === name,
  );
  if (kind !== "BFDProfile" || users.length === 0) return { uid, allowed: true };
  const names = users.map(({ metadata }) => metadata?.name ?? "").toSorted();
  return denied(uid, [`BFDProfile "${name}" is used by BGPPeer ${names.join(", ")}`], []);
}

/** True for a change of fields that nobody reads here, for example finalizers, and for an object that is being deleted. */
function changesNothing({ operation, object, oldObject }: AdmissionRequest): boolean {
  if (operation !== "UPDATE" || object === null || oldObject === null) return operation === "CONNECT";
  if (object.metadata?.deletionTimestamp !== undefined) return true;
  return isDeepStrictEqual(partsOf(object), partsOf(oldObject));
}

function partsOf(object: KubernetesObject): readonly unknown[] {
  return [object.apiVersion, (object as { readonly spec?: unknown }).spec, object.metadata?.labels ?? {}];
}

function isSubject({ kind, metadata }: KubernetesObject, request: AdmissionRequest): boolean {
  return kind === request.kind && metadata?.name === request.name;
}

/** Dates an object that has no date yet after all others. */
function dated(object: KubernetesObject): KubernetesObject {
  const { creationTimestamp = "9999-12-31T23:59:59Z" } = object.metadata ?? {};
  return { ...object, metadata: { ...object.metadata, creationTimestamp } };
}

function isReason({ effect, code }: ConfigIssue): boolean {
  return !NO_REASON.has(code) && (effect !== "Noted" || REMARKED.has(code));
}

/** The identity of an issue. Its message is left out: a fault in other words is the same fault. */
function identityOf({ object, path, code }: ConfigIssue): string {
  return JSON.stringify([object.kind, object.name, path, code]);
}

function lineOf({ path, message }: ConfigIssue): string {
  return `${path}: ${message}`;
}

function denied(uid: string, reasons: readonly string[], warnings: readonly string[]): AdmissionResponse {
  const status = { code: 403, reason: "Forbidden", message: reasons.join("; ") };
  return { uid, allowed: false, status, ...cutWarnings(warnings) };
}

function cutWarnings(warnings: readonly string[]): Pick<AdmissionResponse, "warnings"> {
  if (warnings.length === 0) return {};
  return { warnings: warnings.slice(0, WARNINGS).map((warning) => warning.slice(0, WARNING_LENGTH)) };
}
