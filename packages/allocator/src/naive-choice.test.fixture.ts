import { familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Demand, Pool } from "./index.ts";
import { NaiveJudgement } from "./naive-judgement.test.fixture.ts";

/** The choice of the naive model: the order of pools, and of the addresses in them. */
export class NaiveChoice extends NaiveJudgement {
  /** The next address of a pool for a service that would hold `beside` as well. */
  next(
    demand: Demand,
    pool: Pool,
    family: IpFamily,
    beside: readonly IpAddress[],
    fixed: readonly IpAddress[],
    recorded: readonly IpAddress[],
  ): IpAddress | null {
    const held = this.held.get(demand.service)?.addresses ?? [];
    const isHeld = (address: IpAddress): boolean => held.includes(address);
    const rank = (address: IpAddress): readonly number[] => {
      const place = this.usable(pool, family).indexOf(address);
      const own =
        pool.reservations?.filter(({ service }) => service === demand.service).flatMap(({ addresses }) => addresses) ??
        [];
      const release = this.releaseOf(address);
      const isShared = this.holders(address).length > 0;
      const isMine = release?.service === demand.service && !isShared;
      if (this.reservedFor(address) === demand.service) return [0, own.indexOf(address)];
      if (isHeld(address)) return [0.5, held.indexOf(address)];
      if (pool.sticky === true && isMine) return [1, place];
      if (pool.order !== "LeastRecentlyUsed") return [2, place];
      if (isShared) return [2, place];
      if (release === undefined) return [3, place];
      return this.cools(address) ? [5, place] : [4, this.knownReleases.indexOf(release)];
    };
    const candidates = this.usable(pool, family)
      .filter((address) => !beside.includes(address) && !this.isOccupied(address))
      .filter(
        (address) =>
          (isHeld(address) ? this.keepRefusal(demand, address) : this.assignRefusal(demand, address)) === null,
      )
      .filter((address) => this.within(demand, pool, [...beside, address], fixed, recorded))
      .map((address) => ({ address, rank: rank(address) }))
      .toSorted(
        (a, b) => (a.rank[0] as number) - (b.rank[0] as number) || (a.rank[1] as number) - (b.rank[1] as number),
      );
    return candidates[0]?.address ?? null;
  }

  /** The addresses that a service keeps, and those that a pool adds: all of a family or none of it. */
  from(
    demand: Demand,
    pool: Pool | undefined,
    families: readonly IpFamily[],
    keeps: readonly IpAddress[],
    fixed: readonly IpAddress[] = keeps,
    recorded: readonly IpAddress[] = [],
  ): readonly IpAddress[] {
    if (pool === undefined) return keeps;
    let result = keeps;
    for (const family of families) {
      let grown = result;
      const count = (addresses: readonly IpAddress[]): number =>
        addresses.filter((each) => familyOf(each) === family).length;
      while (count(grown) < (demand.perFamily ?? 1)) {
        const address = this.next(demand, pool, family, grown, fixed, recorded);
        if (address === null) break;
        grown = [...grown, address];
      }
      if (count(grown) === (demand.perFamily ?? 1)) result = grown;
    }
    return result;
  }

  /** The kept addresses, with others of their pool for the occupied ones; `stays` are those that were not replaced. */
  replaceOccupied(
    demand: Demand,
    kept: readonly IpAddress[],
    wanted: readonly IpFamily[],
  ): { readonly kept: readonly IpAddress[]; readonly stays: readonly IpAddress[] } {
    const occupied = kept.filter((address) => this.isOccupied(address));
    const families = wanted.filter((family) => occupied.some((address) => familyOf(address) === family));
    for (const attempt of [families, ...families.map((family) => [family])]) {
      const leaves = occupied.filter((address) => attempt.includes(familyOf(address)));
      const stays = kept.filter((address) => !leaves.includes(address));
      const pool = leaves[0] === undefined ? undefined : this.poolOf(leaves[0]);
      let grown: readonly IpAddress[] | null = stays;
      for (const family of attempt)
        for (const leaf of leaves) {
          if (familyOf(leaf) !== family || grown === null || pool === undefined) continue;
          const address = this.next(demand, pool, family, grown, stays, kept);
          grown = address === null ? null : [...grown, address];
        }
      if (grown !== null && leaves.length > 0) return { kept: grown, stays };
    }
    return { kept, stays: kept };
  }

  poolsInOrder(
    demand: Demand,
    wanted: readonly IpFamily[],
  ): { readonly pool: string; readonly preferredFamilies: readonly IpFamily[] }[] {
    const share = (name: string): number => {
      const pool = this.pools.find((each) => each.name === name);
      const shares = wanted.flatMap((family) => {
        const all = pool === undefined ? [] : this.usable(pool, family);
        return all.length === 0
          ? []
          : [all.filter((address) => this.holders(address).length === 0).length / all.length];
      });
      return shares.length === 0 ? 0 : Math.min(...shares);
    };
    const plain = demand.pools.flatMap((choice) =>
      typeof choice === "string" ? [choice] : choice.toSorted((a, b) => share(b) - share(a)),
    );
    const eligible = demand.pools.flat();
    const isDue = (address: IpAddress): boolean =>
      wanted.includes(familyOf(address)) &&
      this.locationRefusal({ ...demand, permitted: this.pools.map(({ name }) => name) }, address) === null &&
      this.assignRefusal(demand, address) === null;
    const kept = this.pools.flatMap((pool) =>
      (pool.reservations ?? [])
        .filter(({ service }) => service === demand.service && demand.permitted.includes(pool.name))
        .flatMap(({ addresses }) => addresses)
        .filter(
          (address) => this.poolOf(address) === pool && this.reservedFor(address) === demand.service && isDue(address),
        ),
    );
    const had = this.knownReleases
      .filter(
        ({ service, address }) =>
          service === demand.service && this.poolOf(address)?.sticky === true && this.holders(address).length === 0,
      )
      .map(({ address }) => address)
      .filter((address) => eligible.includes(this.poolOf(address)?.name ?? "") && isDue(address));
    const names: string[] = [];
    for (const group of [kept, had]) {
      const pools = group.map((address) => this.poolOf(address)?.name ?? "");
      names.push(...eligible.filter((name) => pools.includes(name)), ...pools);
    }
    return [...new Set([...names, ...plain])].map((pool) => ({
      pool,
      preferredFamilies: [...kept, ...had].filter((address) => this.poolOf(address)?.name === pool).map(familyOf),
    }));
  }

  fresh(demand: Demand, wanted: readonly IpFamily[], recorded: readonly IpAddress[]): readonly IpAddress[] {
    const partial: (readonly IpAddress[])[] = [];
    for (const { pool: name, preferredFamilies } of this.poolsInOrder(demand, wanted)) {
      const pool = this.pools.find((each) => each.name === name);
      const got = this.from(demand, pool, wanted, [], [], recorded);
      if (wanted.every((family) => got.some((address) => familyOf(address) === family))) return got;
      if (demand.families.type === "All" || got.length === 0) continue;
      if (
        preferredFamilies.length > 0 &&
        preferredFamilies.every((family) => got.some((address) => familyOf(address) === family))
      )
        return got;
      partial.push(got);
    }
    for (const family of wanted) {
      const found = partial.find((got) => got.some((address) => familyOf(address) === family));
      if (found !== undefined) return found;
    }
    return [];
  }
}
