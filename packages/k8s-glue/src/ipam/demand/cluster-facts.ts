import type { ConflictsByAddress, Configuration } from "@herald-lb/k8s-glue/metallb";
import type { NamespaceLabels } from "@herald-lb/k8s-glue/objects";

/** The facts besides a Service that decide what it may be assigned: configuration, labels of Namespaces, quotas. */
export interface ClusterFacts {
  readonly configuration: Configuration;
  readonly namespaces: NamespaceLabels;
  /**
   * The maximum number of addresses of all pools together that the Services of a namespace may hold; a namespace without an entry
   * has no maximum.
   */
  readonly quotas: ReadonlyMap<string, number>;
  /** The addresses that other stations on the segment have; none where absent. */
  readonly conflicts?: ConflictsByAddress;
}
