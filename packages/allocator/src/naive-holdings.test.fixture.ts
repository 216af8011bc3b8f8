import { compareIpAddresses, type IpAddress } from "@herald-lb/sansio";
import type { Demand, Release, Pool } from "./index.ts";
import { NaivePools } from "./naive-pools.test.fixture.ts";

interface Held {
  readonly demand: Demand;
  readonly addresses: readonly IpAddress[];
}

/** The memory of the naive model: who holds an address, who held it, and the limits of accounts. */
export class NaiveHoldings extends NaivePools {
  quotas: ReadonlyMap<string, number> = new Map();
  readonly held: Map<string, Held> = new Map<string, Held>();
  knownReleases: Release[] = [];
  /** The number of times that each address came free. */
  readonly timesFreed: Map<IpAddress, number> = new Map<IpAddress, number>();
  now = 0;

  holders(address: IpAddress): readonly Demand[] {
    return [...this.held.values()].filter((each) => each.addresses.includes(address)).map((each) => each.demand);
  }

  releaseOf(address: IpAddress): Release | undefined {
    return this.knownReleases.find((release) => release.address === address);
  }

  cools(address: IpAddress): boolean {
    const release = this.releaseOf(address);
    return release !== undefined && release.at + (this.poolOf(address)?.coolDown ?? 0) > this.now;
  }

  /** Addresses of an account, optionally of one pool, without those that only `except` holds. */
  counted(account: string, except: string, pool?: Pool): ReadonlySet<IpAddress> {
    const mine = [...this.held.values()].filter(
      (each) => (each.demand.account ?? "") === account && each.demand.service !== except,
    );
    return new Set(
      mine.flatMap((each) => each.addresses).filter((each) => pool === undefined || this.givenBy(each) === pool),
    );
  }

  /** True if an account may hold what it would hold then: it is within its limits, or holds no more than before. */
  within(
    demand: Demand,
    pool: Pool,
    next: readonly IpAddress[],
    fixed: readonly IpAddress[],
    recorded: readonly IpAddress[] = [],
  ): boolean {
    const account = demand.account ?? "";
    const holder = this.held.get(demand.service);
    const before = holder?.addresses ?? [];
    const mayGiveUp = holder?.addresses ?? recorded;
    return ([undefined, pool] as const).every((scope) => {
      const limit = scope === undefined ? this.quotas.get(account) : pool.maxPerAccount;
      if (limit === undefined) return true;
      const others = this.counted(account, demand.service, scope);
      const count = (addresses: readonly IpAddress[]): number =>
        addresses.filter((address) => !others.has(address) && (scope === undefined || this.givenBy(address) === scope))
          .length;
      // What is on record and not held yet costs nothing.
      const gained = count(next.filter((address) => !before.includes(address) && !fixed.includes(address)));
      const lost = count(mayGiveUp.filter((address) => !next.includes(address) && !fixed.includes(address)));
      const now = others.size + count(before);
      return gained <= lost || now - lost + gained <= limit;
    });
  }

  /** Lets a service hold exactly these addresses. */
  hold(demand: Demand, addresses: readonly IpAddress[]): void {
    const before = this.held.get(demand.service)?.addresses ?? [];
    this.held.delete(demand.service);
    if (addresses.length > 0)
      this.held.set(demand.service, { demand, addresses: addresses.toSorted(compareIpAddresses) });
    this.knownReleases = this.knownReleases.filter(({ address }) => !addresses.includes(address));
    for (const address of before) {
      if (this.holders(address).length === 0) this.timesFreed.set(address, (this.timesFreed.get(address) ?? 0) + 1);
      this.noteRelease(demand.service, address);
    }
  }

  noteRelease(service: string, address: IpAddress): void {
    if (this.holders(address).length > 0 || this.isExcluded(address) || this.isAvoided(address)) return;
    const pool = this.poolOf(address);
    const matters = pool?.sticky === true || (pool?.coolDown ?? 0) > 0 || pool?.order === "LeastRecentlyUsed";
    if (matters) this.knownReleases.push({ service, address, at: this.now as Release["at"] });
  }

  configure(pools: readonly Pool[], quotas: ReadonlyMap<string, number>): void {
    this.pools = pools;
    this.quotas = quotas;
    this.knownReleases = this.knownReleases.filter(({ address }) => {
      const pool = this.poolOf(address);
      if (this.isExcluded(address) || this.isAvoided(address)) return false;
      return pool?.sticky === true || (pool?.coolDown ?? 0) > 0 || pool?.order === "LeastRecentlyUsed";
    });
  }
}
