import type { Ipv4Address } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** CLUSTER_LIST, RFC 4456 §8: the CLUSTER_IDs the route was reflected through. */
export interface ClusterList extends AttributeBase {
  readonly type: "CLUSTER_LIST";
  readonly clusterIds: readonly Ipv4Address[];
}

/** RFC 4456 §8. */
export const clusterList: AttributeCodec<ClusterList> = {
  code: 10,
  category: Category.OptionalNonTransitive,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.10
  onMalformedFromExternal: "attribute-discard",
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (start === end || (end - start) % 4 !== 0) return null;
    const clusterIds: Ipv4Address[] = [];
    for (let at = start; at < end; at += 4) clusterIds.push(ipv4At(octets, at));
    return { type: "CLUSTER_LIST", clusterIds };
  },
  encode: ({ clusterIds }, out, at) => {
    for (const clusterId of clusterIds) at = putIpv4(out, at, clusterId);
    return at;
  },
};
