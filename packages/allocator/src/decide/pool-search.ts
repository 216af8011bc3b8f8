import type { IpFamily } from "@herald-lb/sansio";
import type { AccountKey, Demand } from "../demand.ts";
import type { PoolRefusal, Refusal } from "../refusal.ts";
import { accountHolds } from "../state/account-usage.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { HeldSlot, PoolFamily, PoolSlot } from "../state/pool-family.ts";
import { type AccountLimit, accountLimit, unlimited } from "./account-limit.ts";
import { countOf } from "./decision.ts";
import { pickSlot } from "./pick-slot.ts";

/** The slots that a search found in one pool. */
export interface FoundSlots {
  readonly slots: readonly PoolSlot[];
  /** The families of which it found all that were missing. */
  readonly families: readonly IpFamily[];
}

/** A search for addresses on behalf of one demand. It notes what it tried, and changes nothing of the allocator. */
export class PoolSearch {
  readonly #state: AllocatorState;
  readonly #demand: Demand;
  readonly #account: AccountKey;
  readonly #givesUp: readonly HeldSlot[];
  readonly #tried: PoolRefusal[] = [];
  /** The limit of all pools together, if that is what refused an address. */
  #totalLimit: number | null = null;
  /** The number of addresses that were chosen already and count for the account. */
  #charged = 0;

  /** A search in which the service gives up the slots `givesUp`, which it holds. */
  constructor(state: AllocatorState, demand: Demand, givesUp: readonly HeldSlot[]) {
    this.#state = state;
    this.#demand = demand;
    this.#account = demand.account ?? "";
    this.#givesUp = givesUp;
  }

  /** Every family that a pool did not give, with the reason. */
  get tried(): readonly PoolRefusal[] {
    return this.#tried;
  }

  /** The reason why the search found nothing. */
  get refusal(): Refusal {
    return this.refusalOf(this.tried);
  }

  /** A part of what was tried as one refusal: the limit of the account if that is the reason, else the answers of the pools. */
  refusalOf(tried: readonly PoolRefusal[]): Refusal {
    const limit = this.#totalLimit;
    if (limit === null || !tried.some(({ code }) => code === "QuotaReached")) return { code: "PoolsExhausted", tried };
    return { code: "QuotaReached", account: this.#account, pool: null, limit };
  }

  /** Looks in one pool for the slots of `families` that are missing beside those that the service keeps there. */
  findIn(pool: string, families: readonly IpFamily[], kept: readonly PoolSlot[]): FoundSlots {
    const limit = this.#limitIn(pool);
    const slots: PoolSlot[] = [];
    const complete: IpFamily[] = [];
    for (const family of families) {
      const found = this.#findFamily(pool, family, kept, limit);
      if (found === null) continue;
      slots.push(...found);
      complete.push(family);
    }
    return { slots, families: complete };
  }

  /** Counts slots that are chosen already against the limits of the account. Returns the limit that forbids them; null if none does. */
  charge(pool: string, slots: readonly PoolSlot[]): Extract<Refusal, { code: "QuotaReached" }> | null {
    const { remaining, limit, isTotal } = this.#limitIn(pool);
    const gained = slots.filter((slot) => this.#counts(slot)).length;
    if (gained > remaining) {
      return { code: "QuotaReached", account: this.#account, pool: isTotal ? null : pool, limit };
    }
    this.#charged += gained;
    return null;
  }

  /** All the missing slots of one family of a pool; null if it cannot give all of them, which is noted. */
  #findFamily(
    pool: string,
    family: IpFamily,
    kept: readonly PoolSlot[],
    limit: AccountLimit,
  ): readonly PoolSlot[] | null {
    const { pools } = this.#state;
    const poolFamily = pools.family(pool, family);
    if (poolFamily === null) {
      this.#tried.push({ pool, family, code: pools.pool(pool) === null ? "Unknown" : "FamilyAbsent" });
      return null;
    }
    const missing = (this.#demand.perFamily ?? 1) - countOf(kept, family);
    const remainingBefore = limit.remaining;
    const picked: PoolSlot[] = [];
    while (picked.length < missing) {
      const isAtLimit = limit.remaining <= 0;
      const slot = pickSlot({
        state: this.#state,
        demand: this.#demand,
        poolFamily,
        givesUp: this.#givesUp,
        taken: picked.length === 0 ? kept : [...kept, ...picked],
        isAtLimit,
      });
      if (slot === null) {
        this.#tried.push(this.#refusalIn(poolFamily, isAtLimit ? limit : null));
        if (limit !== unlimited) limit.remaining = remainingBefore;
        return null;
      }
      picked.push(slot);
      if (limit !== unlimited && this.#counts(slot)) limit.remaining--;
    }
    return picked;
  }

  #refusalIn(
    { pool: { name: pool }, family, coolsUntil, hasIdleReservations, hasUnheldOccupied }: PoolFamily,
    limit: AccountLimit | null,
  ): PoolRefusal {
    if (limit !== null) {
      if (limit.isTotal) this.#totalLimit = limit.limit;
      return { pool, family, code: "QuotaReached", account: this.#account, limit: limit.limit };
    }
    if (coolsUntil !== null) return { pool, family, code: "CoolingDown", until: coolsUntil };
    if (hasIdleReservations) return { pool, family, code: "Reserved" };
    return { pool, family, code: hasUnheldOccupied ? "Occupied" : "Exhausted" };
  }

  /** True if the slot counts for the account: no other service of the account holds it. */
  #counts(slot: PoolSlot): boolean {
    return !accountHolds(this.#account, slot, this.#demand.service);
  }

  #limitIn(pool: string): AccountLimit {
    return accountLimit(this.#state, this.#demand, pool, this.#givesUp, this.#charged);
  }
}
