import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import type { AccountKey, Port, ServiceKey } from "./demand.ts";

/** The reason why two services cannot hold one address. `theirs` is what the holder has. */
export type SharingConflict =
  | { readonly code: "NotShared" }
  | { readonly code: "SharingKey"; readonly theirs: string | null }
  | { readonly code: "Backend"; readonly theirs: string }
  | { readonly code: "Port"; readonly port: Port }
  /** The pool confines sharing to one account, or to accounts of services that share with each other. */
  | { readonly code: "OtherAccount"; readonly theirs: AccountKey };

/** The reason why one pool gave nothing, or not enough, of one family. */
export type PoolRefusal = { readonly pool: string; readonly family: IpFamily } & (
  | { readonly code: "Exhausted" }
  | { readonly code: "FamilyAbsent" }
  | { readonly code: "Unknown" }
  /** Addresses are free, but all of them are reserved for other services. */
  | { readonly code: "Reserved" }
  /** Addresses are held by no service, but hosts outside use all of them. */
  | { readonly code: "Occupied" }
  /** Addresses are free, but no other service is given one before `until`, when the first has cooled down. */
  | { readonly code: "CoolingDown"; readonly until: Instant }
  | { readonly code: "QuotaReached"; readonly account: AccountKey; readonly limit: number }
);

/** The reason why a demand was not met: a code and the facts. */
export type Refusal =
  | { readonly code: "NoEligiblePool" }
  | { readonly code: "AddressOutsidePools"; readonly address: IpAddress }
  | { readonly code: "AddressNotPermitted"; readonly address: IpAddress; readonly pool: string }
  /** The service may hold addresses of the pool, but not request them by name. */
  | { readonly code: "AddressNotRequestable"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressAvoided"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressExcluded"; readonly address: IpAddress; readonly pool: string }
  /** A host outside uses the address: the service does not get it, or is to get another in its place. */
  | { readonly code: "AddressOccupied"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressReserved"; readonly address: IpAddress; readonly pool: string; readonly for: ServiceKey }
  | {
      readonly code: "AddressCoolingDown";
      readonly address: IpAddress;
      readonly pool: string;
      /** The service that released it. */
      readonly lastHolder: ServiceKey;
      readonly until: Instant;
    }
  | { readonly code: "AddressesInSeveralPools"; readonly addresses: readonly IpAddress[] }
  | {
      readonly code: "AddressTaken";
      readonly address: IpAddress;
      readonly by: ServiceKey;
      readonly conflict: SharingConflict;
    }
  | { readonly code: "FamilyMismatch"; readonly requested: readonly IpAddress[]; readonly wanted: readonly IpFamily[] }
  /** The account holds as many addresses as it may: of the pool, or of all pools together if `pool` is null. */
  | {
      readonly code: "QuotaReached";
      readonly account: AccountKey;
      readonly pool: string | null;
      readonly limit: number;
    }
  | { readonly code: "PoolsExhausted"; readonly tried: readonly PoolRefusal[] };
