import {
  type AnnotationName,
  deprecatedPrefix,
  metallbPrefix,
  type OwnAnnotationName,
  ownPrefix,
} from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** What is wrong with an annotation; the rest of its object serves all the same. */
export type AnnotationIssue =
  /** Its value cannot be read, so it has no effect. */
  | { readonly code: "BadAnnotation"; readonly annotation: string; readonly value: string; readonly expected: string }
  /** It begins with a prefix of ours or MetalLB's and means nothing. */
  | { readonly code: "UnknownAnnotation"; readonly annotation: string }
  /** They begin with MetalLB's old prefix. */
  | { readonly code: "DeprecatedAnnotations"; readonly annotations: readonly string[] };

/** What an Event says of an annotation. */
export interface AnnotationEvent {
  readonly type: "Warning";
  readonly reason: "badAnnotation" | "unknownAnnotation" | "deprecatedAnnotation";
  readonly message: string;
}

const metallbNames: Readonly<Record<AnnotationName | "ip-allocated-from-pool", true>> = {
  "address-pool": true,
  loadBalancerIPs: true,
  "allow-shared-ip": true,
  "ip-allocated-from-pool": true,
};
const ownNames: Readonly<Record<OwnAnnotationName, true>> = {
  "addresses-per-family": true,
  "ip-mode": true,
  "share-with-namespaces": true,
};

/** A Service's annotations that mean nothing or are written the old way, by name. */
export function annotationNameIssues(object: KubernetesObject): readonly AnnotationIssue[] {
  const annotations = Object.keys(object.metadata?.annotations ?? {}).toSorted();
  const unknown = annotations.filter(
    (annotation) =>
      isUnknown(annotation, metallbPrefix, metallbNames) ||
      isUnknown(annotation, deprecatedPrefix, metallbNames) ||
      isUnknown(annotation, ownPrefix, ownNames),
  );
  // The pool's name under the old prefix is MetalLB's own writing, which no user can be asked to write otherwise.
  const deprecated = annotations.filter(
    (annotation) =>
      annotation.startsWith(deprecatedPrefix) &&
      !unknown.includes(annotation) &&
      annotation !== `${deprecatedPrefix}ip-allocated-from-pool`,
  );
  return [
    ...unknown.map((annotation): AnnotationIssue => ({ code: "UnknownAnnotation", annotation })),
    ...(deprecated.length === 0 ? [] : [{ code: "DeprecatedAnnotations", annotations: deprecated } as const]),
  ];
}

/** The Event that an issue deserves. */
export function annotationEvent(issue: AnnotationIssue): AnnotationEvent {
  switch (issue.code) {
    case "BadAnnotation":
      return {
        type: "Warning",
        reason: "badAnnotation",
        message: `annotation ${issue.annotation} has no effect: "${issue.value}" is not ${issue.expected}`,
      };
    case "UnknownAnnotation":
      return {
        type: "Warning",
        reason: "unknownAnnotation",
        message: `annotation ${issue.annotation} has no effect: none of that name is known`,
      };
    case "DeprecatedAnnotations":
      return {
        type: "Warning",
        reason: "deprecatedAnnotation",
        message: `Service uses deprecated annotations: ${issue.annotations.join(", ")}; write ${metallbPrefix} for ${deprecatedPrefix}`,
      };
  }
}

function isUnknown(annotation: string, prefix: string, names: Readonly<Record<string, true>>): boolean {
  return annotation.startsWith(prefix) && !Object.hasOwn(names, annotation.slice(prefix.length));
}
