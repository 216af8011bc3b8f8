import type { KubernetesObject } from "../object-meta.ts";

/** The annotations of a Service that mean something, without their prefix. */
export type AnnotationName = "address-pool" | "loadBalancerIPs" | "allow-shared-ip";

/** Written by the controller: the pool that the Service's addresses come from. */
export const allocatedFromPool = "metallb.io/ip-allocated-from-pool";

const prefix = "metallb.io/";
const deprecatedPrefix = "metallb.universe.tf/";

/** An annotation by the new prefix, else by the old one; null where neither is there. */
export function annotationOf(object: KubernetesObject, name: AnnotationName): string | null {
  const annotations = object.metadata?.annotations ?? {};
  return annotations[prefix + name] ?? annotations[deprecatedPrefix + name] ?? null;
}

/** Keys of the old prefix that an object bears, sorted: each deserves a warning. */
export function deprecatedAnnotations(object: KubernetesObject): readonly string[] {
  const keys = Object.keys(object.metadata?.annotations ?? {});
  return keys.filter((key) => key.startsWith(deprecatedPrefix)).toSorted();
}
