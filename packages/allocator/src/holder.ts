import type { AccountKey, Demand, Port, ServiceKey } from "./demand.ts";
import type { Assignment } from "./outcome.ts";
import type { Place } from "./page.ts";
import type { Claim } from "./sharing.ts";

const nobody: readonly AccountKey[] = [];

/** A service that holds addresses, with all that decides who may join it there. */
export class Holder implements Claim {
  readonly service: ServiceKey;
  readonly account: AccountKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly sharesWith: readonly AccountKey[];
  readonly backendKey: string;
  /** The pool that its addresses were given by. */
  pool: string;
  /** Where its addresses are kept, in the order of the assignment: mostly one, for which an array would be a waste. */
  #where: Place | readonly Place[];

  constructor(demand: Demand, pool: string, places: readonly Place[]) {
    this.service = demand.service;
    this.account = demand.account ?? "";
    this.ports = demand.ports;
    this.sharingKey = demand.sharingKey;
    this.sharesWith = demand.sharesWith ?? nobody;
    this.backendKey = demand.backendKey;
    this.pool = pool;
    this.#where = places.length === 1 ? (places[0] as Place) : places;
  }

  /** Where its only address is kept; null when it has several. */
  get onlyPlace(): Place | null {
    return isMany(this.#where) ? null : this.#where;
  }

  /** Where its addresses are kept, in the order of the assignment. */
  get places(): readonly Place[] {
    return isMany(this.#where) ? this.#where : [this.#where];
  }

  /** What it holds. */
  get assignment(): Assignment {
    const where = this.#where;
    return { pool: this.pool, addresses: isMany(where) ? where.map(({ address }) => address) : [where.address] };
  }

  /** Replaces the place of one of its addresses by another of the same address. */
  move(to: Place): void {
    const where = this.#where;
    this.#where = isMany(where) ? where.map((place) => (place.address === to.address ? to : place)) : to;
  }
}

function isMany(where: Place | readonly Place[]): where is readonly Place[] {
  return Array.isArray(where);
}
