import type { Configuration } from "@herald-lb/k8s-glue/metallb";
import type { NamespaceLabels } from "@herald-lb/k8s-glue/objects";

/** What decides about Services besides themselves, whole as it is now. */
export interface ClusterFacts {
  readonly configuration: Configuration;
  readonly namespaces: NamespaceLabels;
  /** How many addresses of all pools together the Services of a namespace may hold; a namespace without an entry, any number. */
  readonly quotas: ReadonlyMap<string, number>;
}
