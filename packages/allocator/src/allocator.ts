/**
 * How an address is chosen. A demand is held against what the service has: its recorded addresses first, then what this allocator
 * gave it. Whatever of that is still legal stays; only what is missing is looked for, in the pool that gave the rest; only when that
 * cannot be is everything given up and chosen anew. Nothing is taken from a service before its replacement is found.
 */
import { compareIpAddresses, familyOf, type Instant, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import { chooseFresh, familiesWanted } from "./choose.ts";
import type { Explanation } from "./explanation.ts";
import { Holdings } from "./holdings.ts";
import type { Assignment, Outcome } from "./outcome.ts";
import type { Parting } from "./parting.ts";
import type { Pool } from "./pool.ts";
import { PoolSet, type Usage } from "./pool-set.ts";
import type { Refusal } from "./refusal.ts";
import { claimOf } from "./sharing.ts";
import { whyNot } from "./why-not.ts";

/** Gives out addresses of pools. One call costs O(log n) in what is in use, whatever the size of the pools. */
export class Allocator {
  readonly #holdings = new Holdings();
  readonly #assignments = new Map<ServiceKey, Assignment>();
  readonly #waiting = new Set<ServiceKey>();
  readonly #terms = new Map<ServiceKey, string>();
  #stirred = false;
  #pools: PoolSet = new PoolSet([], this.#holdings);

  /**
   * Replaces the pools. Holders keep what they have until their next `assign`; the services whose addresses no longer lie in the pool
   * they came from are returned, for the caller to ask again. `quotas` is how many addresses an account may hold in all pools together;
   * an account without an entry may hold any number.
   */
  configure(pools: readonly Pool[], _quotas: ReadonlyMap<AccountKey, number> = new Map()): readonly ServiceKey[] {
    this.#stirred = true;
    this.#pools = new PoolSet(pools, this.#holdings);
    const displaced: ServiceKey[] = [];
    const counted = new Set<IpAddress>();
    for (const [service, { pool, addresses }] of this.#assignments) {
      for (const address of addresses) {
        if (!counted.has(address)) this.#pools.took(address);
        counted.add(address);
      }
      if (addresses.some((address) => this.#pools.poolOf(address) !== pool || this.#pools.isAvoided(address))) {
        displaced.push(service);
      }
    }
    return displaced;
  }

  /**
   * Takes over what a service already holds, by its record, and never looks for anything new: the first pass after a start. What of the
   * record is not legal is refused with the reason and left for `assign`.
   */
  adopt(demand: Demand, _now?: Instant): Outcome {
    const { kept, refusal } = this.#legalPart(demand, demand.recorded);
    if (kept.length === 0) return { assignment: null, change: "Pending", refusal, givenUp: refusal };
    return { assignment: this.#hold(demand, kept), change: "Kept", refusal, givenUp: refusal };
  }

  /** Meets a demand as far as it can be met; the file's head says in which order. */
  assign(demand: Demand, now: Instant): Outcome {
    const outcome = this.#decide(demand, now);
    if (outcome.refusal === null) this.#waiting.delete(demand.service);
    else this.#waiting.add(demand.service);
    return outcome;
  }

  #decide(demand: Demand, now: Instant): Outcome {
    const before = this.#assignments.get(demand.service)?.addresses ?? [];
    const held = before.length > 0 ? before : demand.recorded;
    const legal = this.#legalPart(demand, held);
    const wanted = familiesWanted(demand);
    const useful = legal.kept.filter((address) => wanted.includes(familyOf(address)));

    if (demand.requested.length > 0) return this.#assignRequested(demand, held, useful, legal.refusal, now);

    const intact = useful.length === legal.kept.length && legal.refusal === null;
    if (useful.length > 0 && (legal.refusal === null || useful.length === wanted.length)) {
      const missing = wanted.filter((family) => !useful.some((address) => familyOf(address) === family));
      if (missing.length === 0) {
        const assignment = this.#hold(demand, useful);
        return { assignment, change: intact ? "Kept" : "Reduced", refusal: null, givenUp: legal.refusal };
      }
      const extended = this.#extend(demand, useful, missing);
      if (extended !== null) return extended;
      if (demand.families.type === "PreferBoth") {
        const assignment = this.#hold(demand, useful);
        return {
          assignment,
          change: intact ? "Kept" : "Reduced",
          refusal: this.#missing(assignment, missing),
          givenUp: null,
        };
      }
    }

    const fresh = chooseFresh(demand, this.#pools);
    if (fresh.ok) return this.#assigned(demand, fresh.value.addresses, legal.refusal);
    if (useful.length === 0) return this.#emptied(demand, held, fresh.error, legal.refusal, now);
    return {
      assignment: this.#hold(demand, useful),
      change: intact ? "Kept" : "Reduced",
      refusal: fresh.error,
      givenUp: legal.refusal,
    };
  }

  /** Takes everything from a service. Returns what it held; null when it held nothing. */
  release(service: ServiceKey, now: Instant): Assignment | null {
    this.#waiting.delete(service);
    return this.#release(service, now);
  }

  /**
   * The services whose last answer was a refusal about which something has changed since: ask again for each. A service is told once,
   * until it was asked again.
   */
  takeWoken(_now: Instant): readonly ServiceKey[] {
    if (!this.#stirred) return [];
    this.#stirred = false;
    return [...this.#waiting];
  }

  /** When `takeWoken` will have something only because time has passed; null while nothing waits for that. */
  nextDeadline(): Instant | null {
    return null;
  }

  /** What `assign` would answer at this moment, and what every pool has to do with it. Changes nothing. */
  explain(demand: Demand, _now: Instant): Explanation {
    const assignment = this.#assignments.get(demand.service) ?? null;
    return {
      outcome: { assignment, change: assignment === null ? "Pending" : "Kept", refusal: null, givenUp: null },
      pools: [],
    };
  }

  /** The addresses given back that some pool still needs to know of, oldest first: what to record and to `remember` after a start. */
  partings(): readonly Parting[] {
    return [];
  }

  /** Takes over the partings of an earlier allocator: after `configure`, before `adopt`. Those that no pool needs are dropped. */
  remember(_partings: readonly Parting[]): void {}

  #release(service: ServiceKey, _now: Instant): Assignment | null {
    const assignment = this.#assignments.get(service);
    if (assignment === undefined) return null;
    this.#assignments.delete(service);
    this.#terms.delete(service);
    for (const address of assignment.addresses) {
      if (this.#holdings.remove(address, service)) this.#pools.gaveBack(address);
      this.#stirred = true;
    }
    return assignment;
  }

  /** What a service holds. */
  assignmentOf(service: ServiceKey): Assignment | null {
    return this.#assignments.get(service) ?? null;
  }

  /** Everything that is held, by service. */
  get assignments(): ReadonlyMap<ServiceKey, Assignment> {
    return this.#assignments;
  }

  /** Who holds an address, in the order they came. */
  holdersOf(address: IpAddress): readonly ServiceKey[] {
    return this.#holdings.holdersOf(address).map((claim) => claim.service);
  }

  /** What is in use and what is left of a pool, by family; null for an unknown pool. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#pools.usageOf(pool);
  }

  #assignRequested(
    demand: Demand,
    held: readonly IpAddress[],
    useful: readonly IpAddress[],
    lost: Refusal | null,
    now: Instant,
  ): Outcome {
    if (sameAddresses(held, demand.requested) && lost === null && useful.length === held.length) {
      return { assignment: this.#hold(demand, held), change: "Kept", refusal: null, givenUp: null };
    }
    const refusal = this.#whyNotRequested(demand);
    if (refusal === null) return this.#assigned(demand, demand.requested, null);
    // A wish that cannot be met leaves what serves traffic now alone.
    if (useful.length > 0) {
      return {
        assignment: this.#hold(demand, useful),
        change: useful.length === held.length ? "Kept" : "Reduced",
        refusal,
        givenUp: lost,
      };
    }
    return this.#emptied(demand, held, refusal, lost, now);
  }

  #whyNotRequested(demand: Demand): Refusal | null {
    const wanted = familiesWanted(demand);
    const asked = demand.requested.map(familyOf);
    const fits =
      demand.families.type === "PreferBoth"
        ? new Set(asked).size === asked.length
        : asked.length === wanted.length && wanted.every((family) => asked.includes(family));
    if (!fits) return { code: "FamilyMismatch", requested: demand.requested, wanted };
    for (const address of demand.requested) {
      const refusal = whyNot(demand, address, this.#pools, this.#holdings);
      if (refusal !== null) return refusal;
    }
    const pools = new Set(demand.requested.map((address) => this.#pools.poolOf(address)));
    return pools.size > 1 ? { code: "AddressesInSeveralPools", addresses: demand.requested } : null;
  }

  /** The addresses of `held` that may stay, all of the first one's pool, and why the first of the others may not. */
  #legalPart(
    demand: Demand,
    held: readonly IpAddress[],
  ): { readonly kept: readonly IpAddress[]; readonly refusal: Refusal | null } {
    let refusal: Refusal | null = null;
    const kept: IpAddress[] = [];
    for (const address of held) {
      const why = whyNot(demand, address, this.#pools, this.#holdings) ?? this.#notBeside(kept, address);
      if (why === null) kept.push(address);
      else refusal ??= why;
    }
    return { kept, refusal };
  }

  #notBeside(kept: readonly IpAddress[], address: IpAddress): Refusal | null {
    const [first] = kept;
    if (first === undefined) return null;
    const clash = kept.some((other) => familyOf(other) === familyOf(address));
    if (!clash && this.#pools.poolOf(first) === this.#pools.poolOf(address)) return null;
    return { code: "AddressesInSeveralPools", addresses: [...kept, address] };
  }

  #extend(demand: Demand, useful: readonly IpAddress[], missing: readonly IpFamily[]): Outcome | null {
    const pool = this.#pools.poolOf(useful[0] as IpAddress) as string;
    const more: IpAddress[] = [];
    for (const family of missing) {
      const address = this.#pools.firstFor(pool, family, claimOf(demand));
      if (address === null) return null;
      more.push(address);
    }
    return { assignment: this.#hold(demand, [...useful, ...more]), change: "Extended", refusal: null, givenUp: null };
  }

  #missing(assignment: Assignment, families: readonly IpFamily[]): Refusal {
    return {
      code: "PoolsExhausted",
      tried: families.map((family) => ({
        pool: assignment.pool,
        code: this.#pools.hasFamily(assignment.pool, family) ? "Exhausted" : "FamilyAbsent",
        family,
      })),
    };
  }

  #assigned(demand: Demand, addresses: readonly IpAddress[], givenUp: Refusal | null): Outcome {
    return { assignment: this.#hold(demand, addresses), change: "Assigned", refusal: null, givenUp };
  }

  #emptied(
    demand: Demand,
    held: readonly IpAddress[],
    refusal: Refusal,
    givenUp: Refusal | null,
    now: Instant,
  ): Outcome {
    this.#release(demand.service, now);
    return { assignment: null, change: held.length > 0 ? "Released" : "Pending", refusal, givenUp };
  }

  #hold(demand: Demand, addresses: readonly IpAddress[]): Assignment {
    const claim = claimOf(demand);
    const terms = JSON.stringify(claim);
    // A holder that gives a port back, or changes its key, makes room for another beside it.
    if ((this.#terms.get(demand.service) ?? terms) !== terms) this.#stirred = true;
    this.#terms.set(demand.service, terms);
    const before = this.#assignments.get(demand.service)?.addresses ?? [];
    for (const address of addresses) if (this.#holdings.add(address, claim)) this.#pools.took(address);
    for (const address of before) {
      if (addresses.includes(address)) continue;
      this.#stirred = true;
      if (this.#holdings.remove(address, demand.service)) this.#pools.gaveBack(address);
    }
    const sorted = addresses.length > 1 ? addresses.toSorted(compareIpAddresses) : addresses;
    const assignment = { pool: this.#pools.poolOf(sorted[0] as IpAddress) as string, addresses: sorted };
    this.#assignments.set(demand.service, assignment);
    return assignment;
  }
}

function sameAddresses(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
