import { compareIpAddresses, familyOf, type IpAddress, ipAddressToBigInt, type IpFamily } from "@herald-lb/sansio";
import type { Holdings } from "./holdings.ts";
import { FreeList } from "./free-list.ts";
import type { Pool } from "./pool.ts";
import { RangeSpace } from "./range-space.ts";
import type { Claim } from "./sharing.ts";

/** How much of one pool is in use, one family at a time. An address that several services share counts once. */
export interface Usage {
  readonly assigned: bigint;
  readonly available: bigint;
}

interface PoolEntry {
  readonly pool: Pool;
  readonly lists: readonly FreeList[];
  readonly assigned: Record<IpFamily, bigint>;
}

interface Located {
  readonly entry: PoolEntry;
  readonly list: FreeList;
}

/** The configured pools with what is free in each. Ranges do not overlap: the caller made sure. */
export class PoolSet {
  readonly #entries = new Map<string, PoolEntry>();
  readonly #sorted: Record<IpFamily, Located[]> = { IPv4: [], IPv6: [] };
  readonly #holdings: Holdings;

  constructor(pools: readonly Pool[], holdings: Holdings) {
    this.#holdings = holdings;
    for (const pool of pools) {
      const lists = pool.ranges.map(
        (range) => new FreeList(new RangeSpace(range, pool.avoidBuggyIPs), (address) => holdings.isHeld(address)),
      );
      const entry: PoolEntry = { pool, lists, assigned: { IPv4: 0n, IPv6: 0n } };
      this.#entries.set(pool.name, entry);
      for (const list of lists) this.#sorted[list.space.family].push({ entry, list });
    }
    for (const ranges of Object.values(this.#sorted)) {
      ranges.sort((a, b) => (a.list.space.first < b.list.space.first ? -1 : 1));
    }
  }

  /** Names of all pools, in the order given. */
  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The pool that spans the address, whether or not it may be given out; null when none does. */
  poolOf(address: IpAddress): string | null {
    return this.#locate(address)?.entry.pool.name ?? null;
  }

  /** Whether a pool spans the address but never gives it (avoidBuggyIPs). */
  isAvoided(address: IpAddress): boolean {
    const space = this.#locate(address)?.list.space;
    return space?.isAvoided(space.offsetOf(address)) ?? false;
  }

  /** Whether a pool of this name has addresses of the family. */
  hasFamily(pool: string, family: IpFamily): boolean {
    return this.#entries.get(pool)?.lists.some((list) => list.space.family === family) ?? false;
  }

  /** The first address, in the order of the pool's ranges, that is free or that `claim` may share; null when there is none. */
  firstFor(pool: string, family: IpFamily, claim: Claim): IpAddress | null {
    const entry = this.#entries.get(pool);
    if (entry === undefined) return null;
    for (const list of entry.lists) {
      if (list.space.family !== family) continue;
      const free = list.lowest();
      const shared = this.#lowestShared(list, claim);
      if (free === null || shared === null) {
        if (free !== null || shared !== null) return free ?? shared;
      } else return compareIpAddresses(shared, free) < 0 ? shared : free;
    }
    return null;
  }

  /** Counts an address that came into use. */
  took(address: IpAddress): void {
    const located = this.#locate(address);
    if (located !== null) located.entry.assigned[familyOf(address)] += 1n;
  }

  /** Counts an address that came back. */
  gaveBack(address: IpAddress): void {
    const located = this.#locate(address);
    if (located === null) return;
    located.entry.assigned[familyOf(address)] -= 1n;
    located.list.giveBack(address);
  }

  /** What is in use and what is left of a pool; null for an unknown one. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    const entry = this.#entries.get(pool);
    if (entry === undefined) return null;
    const usage = (family: IpFamily): Usage => {
      const assigned = entry.assigned[family];
      const total = entry.lists
        .filter((list) => list.space.family === family)
        .reduce((sum, list) => sum + list.space.usable, 0n);
      return { assigned, available: total - assigned };
    };
    return { IPv4: usage("IPv4"), IPv6: usage("IPv6") };
  }

  #lowestShared(list: FreeList, claim: Claim): IpAddress | null {
    if (claim.sharingKey === null) return null;
    let lowest: IpAddress | null = null;
    for (const address of this.#holdings.sharedUnder(claim.sharingKey)) {
      if (this.#locate(address)?.list !== list) continue;
      if (lowest !== null && compareIpAddresses(lowest, address) < 0) continue;
      if (this.#holdings.blocked(address, claim) === null) lowest = address;
    }
    return lowest;
  }

  #locate(address: IpAddress): Located | null {
    const ranges = this.#sorted[familyOf(address)];
    const value = ipAddressToBigInt(address);
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const located = ranges[middle] as Located;
      if (value < located.list.space.first) high = middle - 1;
      else if (value > located.list.space.last) low = middle + 1;
      else return located;
    }
    return null;
  }
}
