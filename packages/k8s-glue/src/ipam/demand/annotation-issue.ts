import {
  type AnnotationName,
  deprecatedPrefix,
  metallbPrefix,
  type OwnAnnotationName,
  ownPrefix,
} from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** A problem with an annotation. The rest of its object takes effect. */
export type AnnotationIssue =
  /** The value cannot be read, so the annotation has no effect. */
  | { readonly code: "BadAnnotation"; readonly annotation: string; readonly value: string; readonly expected: string }
  /** The annotation has MetalLB's prefix or Herald's, and a name that neither knows. */
  | { readonly code: "UnknownAnnotation"; readonly annotation: string }
  /** The annotations have MetalLB's old prefix. */
  | { readonly code: "DeprecatedAnnotations"; readonly annotations: readonly string[] };

/** The Event about a problem with an annotation. */
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
  "bgp-communities": true,
  "bgp-local-pref": true,
};

/** The problems with the names of an object's annotations, ordered by name: unknown names, and MetalLB's old prefix. */
export function annotationNameIssues(object: KubernetesObject): readonly AnnotationIssue[] {
  const annotations = Object.keys(object.metadata?.annotations ?? {}).toSorted();
  const unknown = annotations.filter(
    (annotation) =>
      isUnknown(annotation, metallbPrefix, metallbNames) ||
      isUnknown(annotation, deprecatedPrefix, metallbNames) ||
      isUnknown(annotation, ownPrefix, ownNames),
  );
  // MetalLB itself writes the pool's name under the old prefix, so no user can be asked to change it.
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

/** The Event for an issue. */
export function annotationEvent(issue: AnnotationIssue): AnnotationEvent {
  switch (issue.code) {
    case "BadAnnotation":
      return {
        type: "Warning",
        reason: "badAnnotation",
        message: `annotation ${issue.annotation} has no effect: its value "${issue.value}" is not ${issue.expected}`,
      };
    case "UnknownAnnotation":
      return {
        type: "Warning",
        reason: "unknownAnnotation",
        message: `annotation ${issue.annotation} has no effect: its name is unknown`,
      };
    case "DeprecatedAnnotations":
      return {
        type: "Warning",
        reason: "deprecatedAnnotation",
        message: `Service uses deprecated annotations: ${issue.annotations.join(", ")}; use the prefix ${metallbPrefix} instead of ${deprecatedPrefix}`,
      };
  }
}

function isUnknown(annotation: string, prefix: string, names: Readonly<Record<string, true>>): boolean {
  return annotation.startsWith(prefix) && !Object.hasOwn(names, annotation.slice(prefix.length));
}
