import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import type { AccountKey, Port, ServiceKey } from "./demand.ts";

/** Why one address cannot be had although a pool holds it. */
export type SharingConflict =
  | { readonly code: "NotShared" }
  | { readonly code: "SharingKey"; readonly theirs: string | null }
  | { readonly code: "Backend"; readonly theirs: string }
  | { readonly code: "Port"; readonly port: Port }
  /** The pool confines sharing to one account, or to accounts that name each other. */
  | { readonly code: "OtherAccount"; readonly theirs: AccountKey };

/** Why one pool gave nothing, or not enough, of one family. */
export type PoolRefusal = { readonly pool: string; readonly family: IpFamily } & (
  | { readonly code: "Exhausted" }
  | { readonly code: "FamilyAbsent" }
  | { readonly code: "Unknown" }
  /** Addresses are free, but all of them are kept for other services. */
  | { readonly code: "Reserved" }
  /** Addresses are free, but not for another service before `until`, when the first of them has cooled down. */
  | { readonly code: "CoolingDown"; readonly until: Instant }
  | { readonly code: "QuotaReached"; readonly account: AccountKey; readonly limit: number }
);

/** Why a demand was not met: a code and the facts. */
export type Refusal =
  | { readonly code: "NoEligiblePool" }
  | { readonly code: "AddressOutsidePools"; readonly address: IpAddress }
  | { readonly code: "AddressNotPermitted"; readonly address: IpAddress; readonly pool: string }
  /** The service may hold addresses of the pool, and not ask for them by name. */
  | { readonly code: "AddressNotRequestable"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressAvoided"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressExcluded"; readonly address: IpAddress; readonly pool: string }
  | { readonly code: "AddressReserved"; readonly address: IpAddress; readonly pool: string; readonly for: ServiceKey }
  | {
      readonly code: "AddressCoolingDown";
      readonly address: IpAddress;
      readonly pool: string;
      /** Who had it last. */
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
  /** The account holds as much as it may: of the pool, or of all pools together where `pool` is null. */
  | {
      readonly code: "QuotaReached";
      readonly account: AccountKey;
      readonly pool: string | null;
      readonly limit: number;
    }
  | { readonly code: "PoolsExhausted"; readonly tried: readonly PoolRefusal[] };
