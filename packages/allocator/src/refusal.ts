import type { IpAddress, IpFamily } from "@herald-lb/sansio";
import type { Port, ServiceKey } from "./demand.ts";

/** Why one address cannot be had although a pool holds it. */
export type Obstacle =
  | { readonly code: "NotShared" }
  | { readonly code: "SharingKey"; readonly theirs: string | null }
  | { readonly code: "Backend"; readonly theirs: string }
  | { readonly code: "Port"; readonly port: Port };

/** Why one pool gave nothing. */
export interface PoolRefusal {
  readonly pool: string;
  readonly code: "Exhausted" | "FamilyAbsent" | "Unknown";
  readonly family: IpFamily;
}

/** Why a demand was not met: a code and the facts. */
export type Refusal =
  | { readonly code: "NoEligiblePool" }
  | { readonly code: "AddressOutsidePools"; readonly address: IpAddress }
  | { readonly code: "AddressNotPermitted"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressAvoided"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressesInSeveralPools"; readonly addresses: readonly IpAddress[] }
  | {
      readonly code: "AddressTaken";
      readonly address: IpAddress;
      readonly by: ServiceKey;
      readonly because: Obstacle;
    }
  | { readonly code: "FamilyMismatch"; readonly requested: readonly IpAddress[]; readonly wanted: readonly IpFamily[] }
  | { readonly code: "PoolsExhausted"; readonly tried: readonly PoolRefusal[] };
