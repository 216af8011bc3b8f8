import type { Refusal } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { deepEqual } from "@herald-lb/sansio";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import { type IneligiblePool, ineligiblePools } from "../demand/ineligible-pools.ts";

/** A change of the cluster's facts, as far as it affects refusals that the allocator does not know. */
export class FactsChange {
  readonly #before: ClusterFacts;
  readonly #now: ClusterFacts;
  readonly #changedPools: ReadonlySet<string>;

  /** `changedPools` are the names of the pools that are new, changed or deleted, as the allocator found them. */
  constructor(before: ClusterFacts, now: ClusterFacts, changedPools: ReadonlySet<string>) {
    this.#before = before;
    this.#now = now;
    this.#changedPools = changedPools;
  }

  /** True if a Service's refusal may change, besides those that the allocator itself returns as outdated. */
  concerns(refusal: Refusal | DemandRefusal, service: Service): boolean {
    switch (refusal.code) {
      case "NoEligiblePool":
        return !deepEqual(ineligibleFor(this.#before, service), ineligibleFor(this.#now, service));
      case "UnknownPool":
      case "PoolNotPermitted":
      case "PoolNotRequestable":
      case "AddressNotOfPool":
        return this.#changedPools.has(refusal.pool);
      case "AddressOutsidePools":
      case "AddressNotPermitted":
      case "AddressNotRequestable":
      case "AddressAvoided":
      case "AddressExcluded":
      case "AddressOccupied":
      case "AddressReserved":
      case "AddressCoolingDown":
      case "AddressesInSeveralPools":
      case "AddressTaken":
      case "QuotaReached":
      case "PoolsExhausted":
      case "FamilyMismatch":
      case "NoClusterIP":
      case "BadClusterIPs":
      case "NotEnoughClusterIPs":
      case "FamilyPolicyMismatch":
      case "RequestedTwice":
      case "BadRequestedAddress":
      case "TooManyRequestedAddresses":
      case "RequestedSameFamily":
        return false;
    }
  }
}

function ineligibleFor({ configuration, namespaces }: ClusterFacts, service: Service): readonly IneligiblePool[] {
  return ineligiblePools(configuration.pools, service, namespaces);
}
