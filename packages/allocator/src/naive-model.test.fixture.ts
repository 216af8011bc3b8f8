/**
 * A second allocator, written as simply as possible and without any part of the first: it looks at every address of every pool, every
 * time. Pools must be small.
 */
import { familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Demand, Pool } from "./index.ts";
import { NaiveChoice } from "./naive-choice.test.fixture.ts";

/** The answer of the model: the addresses that the service holds then, and the code of the refusal. */
export interface NaiveAnswer {
  readonly addresses: readonly IpAddress[];
  readonly code: string | null;
}

/** The naive allocator: what a service is answered. */
export class NaiveModel extends NaiveChoice {
  /** The demand with its retained pools among the permitted ones. */
  static retaining(demand: Demand): Demand {
    return { ...demand, permitted: [...demand.permitted, ...(demand.retainedPools ?? [])] };
  }

  /** The answer that `assign` must give. */
  answer(demand: Demand): NaiveAnswer {
    const answer = this.answerFromPermitted(demand);
    return answer.addresses.length > 0 ? answer : { addresses: this.retained(demand), code: answer.code };
  }

  /** The addresses that a service keeps where it is given none. */
  retained(demand: Demand): readonly IpAddress[] {
    if (demand.ifImpossible === "Release" && demand.requested.length > 0) return [];
    const held = this.held.get(demand.service)?.addresses ?? demand.recorded;
    return this.cut(demand, this.legal(NaiveModel.retaining(demand), held), this.wanted(demand));
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
    const isOccupied = (address: IpAddress): boolean => this.isOccupied(address);
    const replaced = this.replaceOccupied(demand, kept, wanted);
    if (kept.length > 0) {
      if (kept.every(isOccupied) && replaced.kept === kept) {
        const elsewhere = this.fresh(demand, wanted, kept);
        if (whole(elsewhere)) return { addresses: elsewhere, code: null };
      }
      const pool = this.poolOf(kept[0] as IpAddress);
      const grown = this.from(demand, pool, wanted, replaced.kept, replaced.stays, kept);
      const isLeft = replaced.kept.some((address) => isOccupied(address));
      if (whole(grown)) return { addresses: grown, code: isLeft ? "AddressOccupied" : null };
      const hasAll = wanted.every((family) => kept.some((address) => familyOf(address) === family));
      if (hasAll || demand.families.type === "PreferBoth") return { addresses: grown, code: "short" };
    }
    const fresh = this.fresh(demand, wanted, kept.length > 0 ? kept : this.retained(demand));
    if (fresh.length > 0) return { addresses: fresh, code: whole(fresh) ? null : "short" };
    return { addresses: replaced.kept, code: "short" };
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
    const mayGiveUp = kept.length > 0 ? kept : this.retained(demand);
    while (!this.within(demand, pool, base, stays(), mayGiveUp)) {
      if (base.length === requested.length) return refuse("QuotaReached");
      base = base.slice(0, -1);
    }
    const grown = this.from(demand, pool, families, base, stays(), mayGiveUp);
    return { addresses: grown, code: grown.length === families.length * perFamily ? null : "short" };
  }
}
