import type { AccountKey } from "./demand.ts";
import type { Place } from "./page.ts";

interface Counts {
  total: number;
  readonly byPool: Map<string, number>;
}

/** How many addresses the services of each account hold; one that several of them share counts once. */
export class Tally {
  readonly #counts = new Map<AccountKey, Counts>();

  /** How many addresses of a pool, or of all of them for null. */
  of(account: AccountKey, pool: string | null): number {
    const counts = this.#counts.get(account);
    if (counts === undefined) return 0;
    return pool === null ? counts.total : (counts.byPool.get(pool) ?? 0);
  }

  /** Counts an address, or takes it back, for an account whose other services do not hold it. */
  add(account: AccountKey, place: Place, by: 1 | -1): void {
    const counts = this.#counts.get(account) ?? { total: 0, byPool: new Map<string, number>() };
    counts.total += by;
    const pool = place.page.run.stock?.pool.name;
    if (pool !== undefined) counts.byPool.set(pool, (counts.byPool.get(pool) ?? 0) + by);
    if (counts.total === 0) this.#counts.delete(account);
    else this.#counts.set(account, counts);
  }
}

/** Whether a service of the account, other than `except`, holds the address. */
export function accountHolds(account: AccountKey, place: Place, except: string): boolean {
  return place.page.holdersAt(place.slot).some((holder) => holder.account === account && holder.service !== except);
}
