/**
 * A second allocator, written as simply as possible and without any part of the first: it looks at every address of every pool, every
 * time. Pools must be small.
 */
import {
  type AddressRange,
  compareIpAddresses,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
} from "@herald-lb/sansio";
import type { Demand, Release, Pool } from "./index.ts";

interface Held {
  readonly demand: Demand;
  readonly addresses: readonly IpAddress[];
}

/** The answer of the model: the addresses that the service holds then, and the code of the refusal. */
export interface NaiveAnswer {
  readonly addresses: readonly IpAddress[];
  readonly code: string | null;
}

/** The naive allocator. */
export class NaiveModel {
  pools: readonly Pool[] = [];
  quotas: ReadonlyMap<string, number> = new Map();
  readonly held: Map<string, Held> = new Map<string, Held>();
  knownReleases: Release[] = [];
  /** The number of times that each address came free. */
  readonly timesFreed: Map<IpAddress, number> = new Map<IpAddress, number>();
  now = 0;

  /** Every address of a range, in ascending order. */
  static span({ first, last }: AddressRange): readonly IpAddress[] {
    const addresses: IpAddress[] = [];
    for (let value = ipAddressToBigInt(first); value <= ipAddressToBigInt(last); value++) {
      addresses.push(ipAddressFromBigInt(familyOf(first), value));
    }
    return addresses;
  }

  poolOf(address: IpAddress): Pool | undefined {
    return this.pools.find(({ ranges }) => ranges.some((range) => NaiveModel.span(range).includes(address)));
  }

  isExcluded(address: IpAddress): boolean {
    return this.poolOf(address)?.excluded?.some((range) => NaiveModel.span(range).includes(address)) ?? false;
  }

  isAvoided(address: IpAddress): boolean {
    return this.poolOf(address)?.avoidBuggyIPs === true && /^\d.*\.(0|255)$/.test(address);
  }

  usable(pool: Pool, family: IpFamily): readonly IpAddress[] {
    return pool.ranges
      .flatMap((range) => NaiveModel.span(range))
      .filter((address) => familyOf(address) === family && !this.isExcluded(address) && !this.isAvoided(address));
  }

  /** The pool that assigns an address; none for an orphan. */
  givenBy(address: IpAddress): Pool | undefined {
    return this.isExcluded(address) || this.isAvoided(address) ? undefined : this.poolOf(address);
  }

  holders(address: IpAddress): readonly Demand[] {
    return [...this.held.values()].filter((each) => each.addresses.includes(address)).map((each) => each.demand);
  }

  mayShare(a: Demand, b: Demand, confined: boolean): boolean {
    if (a.service === b.service) return true;
    if (a.sharingKey === null || a.sharingKey !== b.sharingKey || a.backendKey !== b.backendKey) return false;
    const [one, other] = [a.account ?? "", b.account ?? ""];
    const agrees = (list: readonly string[] = [], account: string): boolean =>
      list.some((each) => each === account || each === "*");
    if (confined && one !== other && !(agrees(a.sharesWith, other) && agrees(b.sharesWith, one))) return false;
    const taken = new Set(b.ports.map(({ protocol, port }) => protocol + String(port)));
    return !a.ports.some(({ protocol, port }) => taken.has(protocol + String(port)));
  }

  reservedFor(address: IpAddress): string | null {
    const found = this.poolOf(address)?.reservations?.find(({ addresses }) => addresses.includes(address));
    return this.isExcluded(address) || this.isAvoided(address) ? null : (found?.service ?? null);
  }

  releaseOf(address: IpAddress): Release | undefined {
    return this.knownReleases.find((release) => release.address === address);
  }

  cools(address: IpAddress): boolean {
    const release = this.releaseOf(address);
    return release !== undefined && release.at + (this.poolOf(address)?.coolDown ?? 0) > this.now;
  }

  /** The code of the reason why a pool does not assign an address. */
  assignRefusal(demand: Demand, address: IpAddress): string | null {
    const reserved = this.reservedFor(address);
    if (reserved !== null && reserved !== demand.service) return "AddressReserved";
    const confined = this.poolOf(address)?.sharedAcrossAccounts === false;
    if (!this.holders(address).every((holder) => this.mayShare(demand, holder, confined))) return "AddressTaken";
    return this.cools(address) && this.releaseOf(address)?.service !== demand.service ? "AddressCoolingDown" : null;
  }

  locationRefusal(demand: Demand, address: IpAddress): string | null {
    const pool = this.poolOf(address);
    if (pool === undefined) return "AddressOutsidePools";
    if (!demand.permitted.includes(pool.name)) return "AddressNotPermitted";
    if (this.isExcluded(address)) return "AddressExcluded";
    return this.isAvoided(address) ? "AddressAvoided" : null;
  }

  keepRefusal(demand: Demand, address: IpAddress): string | null {
    const why = this.locationRefusal(demand, address);
    if (why !== null) return why;
    return this.holders(address).every((holder) => this.mayShare(demand, holder, false)) ? null : "AddressTaken";
  }

  requestRefusal(demand: Demand, address: IpAddress): string | null {
    const why = this.locationRefusal(demand, address);
    if (why !== null) return why;
    const pool = this.poolOf(address)?.name ?? "";
    const isOwn = this.reservedFor(address) === demand.service;
    if (!isOwn && demand.requestable?.includes(pool) === false) return "AddressNotRequestable";
    return this.assignRefusal(demand, address);
  }

  legal(demand: Demand, held: readonly IpAddress[]): readonly IpAddress[] {
    const legal = held.filter((address) => this.keepRefusal(demand, address) === null);
    const pool = legal[0] === undefined ? undefined : this.poolOf(legal[0]);
    return legal.filter((address) => this.poolOf(address) === pool).toSorted(compareIpAddresses);
  }

  cut(demand: Demand, addresses: readonly IpAddress[], families: readonly IpFamily[]): readonly IpAddress[] {
    const sorted = addresses.toSorted(compareIpAddresses);
    return families.flatMap((family) =>
      sorted.filter((address) => familyOf(address) === family).slice(0, demand.perFamily ?? 1),
    );
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
  within(demand: Demand, pool: Pool, next: readonly IpAddress[], fixed: readonly IpAddress[]): boolean {
    const account = demand.account ?? "";
    const before = this.held.get(demand.service)?.addresses ?? [];
    return ([undefined, pool] as const).every((scope) => {
      const limit = scope === undefined ? this.quotas.get(account) : pool.maxPerAccount;
      if (limit === undefined) return true;
      const others = this.counted(account, demand.service, scope);
      const count = (addresses: readonly IpAddress[]): number =>
        addresses.filter((address) => !others.has(address) && (scope === undefined || this.givenBy(address) === scope))
          .length;
      // What is on record and not held yet costs nothing.
      const gained = count(next.filter((address) => !before.includes(address) && !fixed.includes(address)));
      const lost = count(before.filter((address) => !next.includes(address) && !fixed.includes(address)));
      const now = others.size + count(before);
      return gained <= lost || now - lost + gained <= limit;
    });
  }

  /** The next address of a pool for a service that would hold `beside` as well. */
  next(
    demand: Demand,
    pool: Pool,
    family: IpFamily,
    beside: readonly IpAddress[],
    fixed: readonly IpAddress[],
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
      .filter((address) => !beside.includes(address))
      .filter(
        (address) =>
          (isHeld(address) ? this.keepRefusal(demand, address) : this.assignRefusal(demand, address)) === null,
      )
      .filter((address) => this.within(demand, pool, [...beside, address], fixed))
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
  ): readonly IpAddress[] {
    if (pool === undefined) return keeps;
    let result = keeps;
    for (const family of families) {
      let grown = result;
      const count = (addresses: readonly IpAddress[]): number =>
        addresses.filter((each) => familyOf(each) === family).length;
      while (count(grown) < (demand.perFamily ?? 1)) {
        const address = this.next(demand, pool, family, grown, fixed);
        if (address === null) break;
        grown = [...grown, address];
      }
      if (count(grown) === (demand.perFamily ?? 1)) result = grown;
    }
    return result;
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

  fresh(demand: Demand, wanted: readonly IpFamily[]): readonly IpAddress[] {
    const partial: (readonly IpAddress[])[] = [];
    for (const { pool: name, preferredFamilies } of this.poolsInOrder(demand, wanted)) {
      const pool = this.pools.find((each) => each.name === name);
      const got = this.from(demand, pool, wanted, []);
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

  /** The demand with its retained pools among the permitted ones. */
  static retaining(demand: Demand): Demand {
    return { ...demand, permitted: [...demand.permitted, ...(demand.retainedPools ?? [])] };
  }

  /** The answer that `assign` must give. */
  answer(demand: Demand): NaiveAnswer {
    const answer = this.answerFromPermitted(demand);
    const isReleased = demand.ifImpossible === "Release" && demand.requested.length > 0;
    if (answer.addresses.length > 0 || isReleased) return answer;
    const held = this.held.get(demand.service)?.addresses ?? demand.recorded;
    const retained = this.legal(NaiveModel.retaining(demand), held);
    return { addresses: this.cut(demand, retained, this.wanted(demand)), code: answer.code };
  }

  wanted({ families: policy }: Demand): readonly IpFamily[] {
    if (policy.type === "All") return policy.families;
    return [policy.primary, policy.primary === "IPv4" ? "IPv6" : "IPv4"];
  }

  answerFromPermitted(demand: Demand): NaiveAnswer {
    const wanted = this.wanted(demand);
    const held = this.held.get(demand.service)?.addresses ?? demand.recorded;
    const legal = this.legal(demand, held);
    const kept = this.cut(demand, legal, wanted);
    const whole = (addresses: readonly IpAddress[]): boolean =>
      addresses.length === wanted.length * (demand.perFamily ?? 1);
    if (demand.requested.length > 0) return this.answerRequested(demand, legal, kept, wanted);
    if (kept.length > 0) {
      const grown = this.from(demand, this.poolOf(kept[0] as IpAddress), wanted, kept);
      if (whole(grown)) return { addresses: grown, code: null };
      const hasAll = wanted.every((family) => kept.some((address) => familyOf(address) === family));
      if (hasAll || demand.families.type === "PreferBoth") return { addresses: grown, code: "short" };
    }
    const fresh = this.fresh(demand, wanted);
    if (fresh.length > 0) return { addresses: fresh, code: whole(fresh) ? null : "short" };
    return { addresses: kept, code: "short" };
  }

  answerRequested(
    demand: Demand,
    legal: readonly IpAddress[],
    kept: readonly IpAddress[],
    wanted: readonly IpFamily[],
  ): NaiveAnswer {
    const refuse = (code: string): NaiveAnswer => ({ addresses: demand.ifImpossible === "Release" ? [] : kept, code });
    const { requested, perFamily = 1 } = demand;
    const named = (family: IpFamily): number => requested.filter((address) => familyOf(address) === family).length;
    const fits =
      new Set(requested).size === requested.length &&
      named("IPv4") <= perFamily &&
      named("IPv6") <= perFamily &&
      (demand.families.type === "PreferBoth" ||
        (wanted.every((family) => named(family) > 0) &&
          requested.every((address) => wanted.includes(familyOf(address)))));
    if (!fits) return refuse("FamilyMismatch");
    for (const address of requested) {
      const why = legal.includes(address) ? null : this.requestRefusal(demand, address);
      if (why !== null) return refuse(why);
    }
    const pool = this.poolOf(requested[0] as IpAddress) as Pool;
    if (requested.some((address) => this.poolOf(address) !== pool)) return refuse("AddressesInSeveralPools");
    const families = [...new Set(requested.map(familyOf))];
    let base: readonly IpAddress[] = requested;
    for (const address of legal) {
      const count = base.filter((each) => familyOf(each) === familyOf(address)).length;
      const isUseful = this.poolOf(address) === pool && families.includes(familyOf(address)) && !base.includes(address);
      if (isUseful && count < perFamily) base = [...base, address];
    }
    const stays = (): readonly IpAddress[] => legal.filter((address) => base.includes(address));
    while (!this.within(demand, pool, base, stays())) {
      if (base.length === requested.length) return refuse("QuotaReached");
      base = base.slice(0, -1);
    }
    const grown = this.from(demand, pool, families, base, stays());
    return { addresses: grown, code: grown.length === families.length * perFamily ? null : "short" };
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
