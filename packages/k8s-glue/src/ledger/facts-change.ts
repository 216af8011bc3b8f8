import type { Pool, PoolRefusal, Refusal } from "@herald-lb/allocator";
import { compareIpAddresses, type IpAddress } from "@herald-lb/sansio";
import type { Service } from "../objects.ts";
import { closedPools } from "../service/closed-pools.ts";
import type { DemandRefusal } from "../service/demand-refusal.ts";
import type { ClusterFacts } from "./cluster-facts.ts";

/** What is another now, of what refusals depend on besides which pools are there for a Service. */
export class FactsChange {
  /** Pools that came, went or say something else, as they were and as they are. */
  readonly #pools = new Map<string, readonly Pool[]>();
  readonly #accounts = new Set<string>();
  readonly #before: ClusterFacts;
  readonly #now: ClusterFacts;

  constructor(before: ClusterFacts, now: ClusterFacts) {
    this.#before = before;
    this.#now = now;
    const old = new Map(before.configuration.pools.map(({ pool }) => [pool.name, pool]));
    for (const { pool } of now.configuration.pools) {
      const was = old.get(pool.name);
      old.delete(pool.name);
      if (was === undefined) this.#pools.set(pool.name, [pool]);
      else if (JSON.stringify(was) !== JSON.stringify(pool)) this.#pools.set(pool.name, [was, pool]);
    }
    for (const [name, pool] of old) this.#pools.set(name, [pool]);
    for (const [account, limit] of now.quotas) if (before.quotas.get(account) !== limit) this.#accounts.add(account);
    for (const account of before.quotas.keys()) if (!now.quotas.has(account)) this.#accounts.add(account);
  }

  /** Whether pools and quotas, which the allocator goes by, are as they were. */
  get isNone(): boolean {
    return this.#pools.size === 0 && this.#accounts.size === 0;
  }

  /** Whether a Service's refusal might be another now. */
  concerns(refusal: Refusal | DemandRefusal, service: Service): boolean {
    switch (refusal.code) {
      case "NoEligiblePool":
        return closedText(this.#before, service) !== closedText(this.#now, service);
      case "NoClusterIP":
      case "BadClusterIPs":
      case "NotEnoughClusterIPs":
      case "FamilyPolicyMismatch":
      case "RequestedTwice":
      case "BadRequestedAddress":
      case "TooManyRequestedAddresses":
      case "RequestedSameFamily":
      case "FamilyMismatch":
        return false;
      case "UnknownPool":
      case "PoolNotPermitted":
      case "PoolNotRequestable":
      case "AddressNotOfPool":
        return this.#pools.has(refusal.pool);
      case "AddressOutsidePools":
      case "AddressTaken":
        return this.#spans([refusal.address]);
      case "AddressesInSeveralPools":
        return this.#spans(refusal.addresses);
      case "AddressNotPermitted":
      case "AddressNotRequestable":
      case "AddressAvoided":
      case "AddressExcluded":
      case "AddressReserved":
      case "AddressCoolingDown":
        return this.#pools.has(refusal.pool) || this.#spans([refusal.address]);
      case "QuotaReached":
        return refusal.pool === null ? this.#accounts.has(refusal.account) : this.#pools.has(refusal.pool);
      case "PoolsExhausted":
        return refusal.tried.some((tried) => this.#concernsTried(tried));
    }
  }

  #concernsTried(tried: PoolRefusal): boolean {
    return this.#pools.has(tried.pool) || (tried.code === "QuotaReached" && this.#accounts.has(tried.account));
  }

  #spans(addresses: readonly IpAddress[]): boolean {
    for (const versions of this.#pools.values()) {
      for (const { ranges } of versions) {
        for (const { first, last } of ranges) {
          const within = (address: IpAddress): boolean =>
            compareIpAddresses(first, address) <= 0 && compareIpAddresses(address, last) <= 0;
          if (addresses.some(within)) return true;
        }
      }
    }
    return false;
  }
}

function closedText({ configuration, namespaces }: ClusterFacts, service: Service): string {
  return JSON.stringify(closedPools(configuration.pools, service, namespaces));
}
