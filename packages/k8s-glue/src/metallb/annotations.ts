import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** MetalLB's annotations of a Service that users write, without their prefix. */
export type AnnotationName = "address-pool" | "loadBalancerIPs" | "allow-shared-ip";

/** Herald's own annotations of a Service, without their prefix. */
export type OwnAnnotationName =
  | "addresses-per-family"
  | "ip-mode"
  | "share-with-namespaces"
  | "bgp-communities"
  | "bgp-local-pref";

/** The annotation by which the controller names the pool of a Service's addresses. */
export const allocatedFromPool = "metallb.io/ip-allocated-from-pool";

/** The prefix of Herald's own annotations and conditions. */
export const ownPrefix = "herald-lb.io/";

/** The prefix of MetalLB's annotations. */
export const metallbPrefix = "metallb.io/";

/** The prefix of MetalLB's annotations before 0.14, which is still read. */
export const deprecatedPrefix = "metallb.universe.tf/";

/** The prefixes of all annotations that are read. */
export const annotationPrefixes: readonly string[] = [ownPrefix, metallbPrefix, deprecatedPrefix];

/** An annotation by MetalLB's prefix, else by the old one; null without either. */
export function annotationOf(object: KubernetesObject, name: AnnotationName): string | null {
  const annotations = object.metadata?.annotations ?? {};
  return annotations[metallbPrefix + name] ?? annotations[deprecatedPrefix + name] ?? null;
}

/** One of Herald's own annotations; null without it. */
export function ownAnnotationOf(object: KubernetesObject, name: OwnAnnotationName): string | null {
  return object.metadata?.annotations?.[ownPrefix + name] ?? null;
}
