import { ownPrefix } from "@herald-lb/k8s-glue/metallb";
import type { Namespace } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import type { AnnotationIssue } from "./annotation-issue.ts";

const annotation = `${ownPrefix}max-addresses`;

/**
 * The quota of a Namespace for `ClusterFacts.quotas`: the maximum number of addresses that its Services may hold, by its annotation
 * `herald-lb.io/max-addresses`. Null without the annotation. A value that cannot be read sets no maximum.
 */
export function maxAddressesOf(namespace: Namespace): Result<number | null, AnnotationIssue> {
  const value = namespace.metadata?.annotations?.[annotation];
  if (value === undefined) return ok(null);
  if (/^\d{1,9}$/u.test(value)) return ok(Number(value));
  return err({ code: "BadAnnotation", annotation, value, expected: "a number from 0 to 999999999" });
}
