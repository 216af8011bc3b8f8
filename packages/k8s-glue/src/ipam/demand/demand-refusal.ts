import type { IpAddress } from "@herald-lb/sansio";

/** The reason why no pool can meet a Service's request. */
export type DemandRefusal =
  | { readonly code: "NoClusterIP" }
  | { readonly code: "BadClusterIPs"; readonly clusterIPs: readonly string[] }
  /** RequireDualStack with fewer than two cluster IPs. */
  | { readonly code: "NotEnoughClusterIPs"; readonly clusterIPs: readonly string[] }
  | { readonly code: "FamilyPolicyMismatch"; readonly policy: string; readonly clusterIPs: readonly string[] }
  /** Both the annotation and spec.loadBalancerIP request addresses. */
  | { readonly code: "RequestedTwice"; readonly annotation: string; readonly loadBalancerIP: string }
  | {
      readonly code: "BadRequestedAddress";
      readonly field: "annotation" | "spec.loadBalancerIP";
      readonly text: string;
    }
  /** More than `perFamily` of both families together. */
  | {
      readonly code: "TooManyRequestedAddresses";
      readonly addresses: readonly IpAddress[];
      readonly perFamily: number;
    }
  /** More than `perFamily` of one family. */
  | { readonly code: "RequestedSameFamily"; readonly addresses: readonly IpAddress[]; readonly perFamily: number }
  | { readonly code: "UnknownPool"; readonly pool: string }
  /** The pool's serviceAllocation selects neither the Service's namespace nor its labels. */
  | { readonly code: "PoolNotPermitted"; readonly pool: string }
  /** The Service requests both a pool and addresses, and the addresses are not of that pool. */
  | { readonly code: "AddressNotOfPool"; readonly addresses: readonly IpAddress[]; readonly pool: string }
  /** The pool's tenancy does not let the Service's namespace request it by name. */
  | { readonly code: "PoolNotRequestable"; readonly pool: string };
