import { compareIpAddresses, familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Demand } from "./index.ts";
import { NaiveHoldings } from "./naive-holdings.test.fixture.ts";

/** The judgement of the naive model: who may share, and why a service may not be given, keep or request an address. */
export class NaiveJudgement extends NaiveHoldings {
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

  /** The code of the reason why a pool does not assign an address. */
  assignRefusal(demand: Demand, address: IpAddress): string | null {
    if (this.isOccupied(address)) return "AddressOccupied";
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
}
