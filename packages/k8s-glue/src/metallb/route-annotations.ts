import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { ownAnnotationOf } from "./annotations.ts";
import { parseCommunity } from "./config/read-communities.ts";

/** The form of `herald-lb.io/bgp-communities`, for people. */
export const COMMUNITIES_FORM = "a list of communities, or of names of such, separated by commas";
/** The form of `herald-lb.io/bgp-local-pref`, for people. */
export const LOCAL_PREF_FORM = "a number from 0 to 4294967295";

/**
 * The communities that a Service asks for, each as it is written: a community, or the name of one. Empty without the annotation, null where it cannot be
 * read.
 */
export function requestedCommunities(service: KubernetesObject): readonly string[] | null {
  const text = ownAnnotationOf(service, "bgp-communities");
  if (text === null) return [];
  const items = text.split(",").map((item) => item.trim());
  const isSound = items.every((item) => item !== "" && (!item.includes(":") || parseCommunity(item) !== null));
  return isSound ? [...new Set(items)] : null;
}

/** The LOCAL_PREF that a Service asks for; undefined without the annotation, null where it cannot be read. */
export function requestedLocalPref(service: KubernetesObject): number | null | undefined {
  const text = ownAnnotationOf(service, "bgp-local-pref")?.trim();
  if (text === undefined) return undefined;
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= 0xffff_ffff ? Number(text) : null;
}
