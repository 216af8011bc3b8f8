import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** MetalLB's annotations of a Service that users write, without their prefix. */
export type AnnotationName = "address-pool" | "loadBalancerIPs" | "allow-shared-ip";

/** Herald's own annotations of a Service, without their prefix. */
export type OwnAnnotationName = "addresses-per-family" | "ip-mode" | "share-with-namespaces";

/** Written by the controller: the pool that the Service's addresses come from. */
export const allocatedFromPool = "metallb.io/ip-allocated-from-pool";

/** What Herald's own annotations and conditions begin with. */
export const ownPrefix = "herald-lb.io/";

/** What MetalLB's annotations begin with. */
export const metallbPrefix = "metallb.io/";

/** What MetalLB's annotations began with before 0.14; they are still read. */
export const deprecatedPrefix = "metallb.universe.tf/";

/** An annotation by the new prefix, else by the old one; null where neither is there. */
export function annotationOf(object: KubernetesObject, name: AnnotationName): string | null {
  const annotations = object.metadata?.annotations ?? {};
  return annotations[metallbPrefix + name] ?? annotations[deprecatedPrefix + name] ?? null;
}

/** One of Herald's own annotations; null where it is not there. */
export function ownAnnotationOf(object: KubernetesObject, name: OwnAnnotationName): string | null {
  return object.metadata?.annotations?.[ownPrefix + name] ?? null;
}
