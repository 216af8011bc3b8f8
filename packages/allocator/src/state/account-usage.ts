import type { AccountKey, ServiceKey } from "../demand.ts";
import type { HeldSlot } from "./pool-family.ts";

interface Counts {
  total: number;
  readonly byPool: Map<string, number>;
}

/** The number of addresses that the services of each account hold; an address that several of them share counts once. */
export class AccountUsage {
  readonly #counts = new Map<AccountKey, Counts>();

  /** The number of addresses of a pool, or of all pools together for null. */
  of(account: AccountKey, pool: string | null): number {
    const counts = this.#counts.get(account);
    if (counts === undefined) return 0;
    return pool === null ? counts.total : (counts.byPool.get(pool) ?? 0);
  }

  /** Counts an address, or no longer counts it, for an account whose other services do not hold it. */
  add(account: AccountKey, { poolFamily }: HeldSlot, by: 1 | -1): void {
    const counts = this.#counts.get(account) ?? { total: 0, byPool: new Map<string, number>() };
    counts.total += by;
    if (poolFamily !== null) {
      const { name } = poolFamily.pool;
      counts.byPool.set(name, (counts.byPool.get(name) ?? 0) + by);
    }
    if (counts.total === 0) this.#counts.delete(account);
    else this.#counts.set(account, counts);
  }
}

/** True if a service of the account, other than `except`, holds the address. */
export function accountHolds(account: AccountKey, slot: HeldSlot, except: ServiceKey): boolean {
  return slot.holders.some((holder) => holder.account === account && holder.service !== except);
}
