import type { Configuration } from "../config/configuration.ts";
import type { NamespaceLabels } from "../service/eligible-pools.ts";

/** What decides about Services besides themselves, whole as it is now. */
export interface ClusterFacts {
  readonly configuration: Configuration;
  readonly namespaces: NamespaceLabels;
  /** How many addresses of all pools together the Services of a namespace may hold; a namespace without an entry, any number. */
  readonly quotas: ReadonlyMap<string, number>;
}
