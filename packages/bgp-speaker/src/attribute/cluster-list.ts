import type { Ipv4Address } from "@herald-lb/sansio";
import type { AttributeBase } from "./attribute-codec.ts";

/** CLUSTER_LIST, RFC 4456 §8: the CLUSTER_IDs the route was reflected through. */
export interface ClusterList extends AttributeBase {
  readonly type: "CLUSTER_LIST";
  readonly clusterIds: readonly Ipv4Address[];
}
