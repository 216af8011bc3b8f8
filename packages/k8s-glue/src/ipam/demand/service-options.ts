import {
  COMMUNITIES_FORM,
  LOCAL_PREF_FORM,
  type OwnAnnotationName,
  ownAnnotationOf,
  ownPrefix,
  requestedCommunities,
  requestedLocalPref,
} from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import { type AnnotationIssue, annotationNameIssues } from "./annotation-issue.ts";

/** The maximum number of addresses of one family that a Service may request. */
export const MOST_PER_FAMILY = 16;

/** The owner of a load balancer's address, as `status.loadBalancer.ingress[].ipMode` names it. */
export type IpMode = "VIP" | "Proxy";

/** The options that Herald's own annotations set for a Service. */
export interface ServiceOptions {
  readonly perFamily: number;
  readonly ipMode: IpMode;
  /** The namespaces whose Services may share this Service's addresses; `*` is every namespace. */
  readonly sharesWith: readonly string[];
}

/** Reads Herald's own annotations; one that cannot be read counts as absent and is reported as an issue. */
export function serviceOptions(service: Service): {
  readonly options: ServiceOptions;
  readonly issues: readonly AnnotationIssue[];
} {
  const issues: AnnotationIssue[] = [];
  const read = <Value>(
    name: OwnAnnotationName,
    parse: (text: string) => Result<Value, string>,
    absent: Value,
  ): Value => {
    const value = ownAnnotationOf(service, name);
    if (value === null) return absent;
    const parsed = parse(value);
    if (parsed.ok) return parsed.value;
    issues.push({ code: "BadAnnotation", annotation: ownPrefix + name, value, expected: parsed.error });
    return absent;
  };
  const options = {
    perFamily: read("addresses-per-family", perFamilyOf, 1),
    ipMode: read<IpMode>("ip-mode", ipModeOf, "VIP"),
    sharesWith: read("share-with-namespaces", namespacesOf, []),
  };
  return { options, issues };
}

/** All problems with a Service's annotations. */
export function annotationIssues(service: Service): readonly AnnotationIssue[] {
  return [...serviceOptions(service).issues, ...routeIssues(service), ...annotationNameIssues(service)];
}

/** The speakers read these annotations, and whether an advertisement allows the values is theirs to say. */
function routeIssues(service: Service): readonly AnnotationIssue[] {
  const issue = (name: OwnAnnotationName, expected: string): AnnotationIssue => {
    const value = ownAnnotationOf(service, name) ?? "";
    return { code: "BadAnnotation", annotation: ownPrefix + name, value, expected };
  };
  return [
    ...(requestedCommunities(service) === null ? [issue("bgp-communities", COMMUNITIES_FORM)] : []),
    ...(requestedLocalPref(service) === null ? [issue("bgp-local-pref", LOCAL_PREF_FORM)] : []),
  ];
}

function perFamilyOf(text: string): Result<number, string> {
  const number = /^\d{1,3}$/u.test(text) ? Number(text) : 0;
  return number >= 1 && number <= MOST_PER_FAMILY ? ok(number) : err(`a number from 1 to ${MOST_PER_FAMILY}`);
}

function ipModeOf(text: string): Result<IpMode, string> {
  return text === "VIP" || text === "Proxy" ? ok(text) : err("VIP or Proxy");
}

function namespacesOf(text: string): Result<readonly string[], string> {
  const names = text.split(",").map((name) => name.trim());
  const sound = names.every((name) => name === "*" || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/u.test(name));
  return sound ? ok([...new Set(names)].toSorted()) : err('a list of namespaces separated by commas, or "*"');
}
