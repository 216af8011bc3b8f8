import type { Instant, IpFamily } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { AccountKey, Demand } from "./demand.ts";
import type { Place } from "./page.ts";
import { pickPlace, type Seeker } from "./pick.ts";
import type { PoolRefusal, Refusal } from "./refusal.ts";
import type { Stock } from "./stock.ts";
import { accountHolds } from "./tally.ts";

/** What one pool gave. */
export interface Yield {
  readonly places: readonly Place[];
  /** The families of which it gave all that was looked for. */
  readonly families: readonly IpFamily[];
}

/** How many addresses an account may still be given of a pool, and by which limit. */
interface Room {
  left: number;
  readonly limit: number;
  /** Whether the limit is that of all pools together. */
  readonly isTotal: boolean;
}

const unlimited: Room = { left: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY, isTotal: true };

/** One search for addresses on behalf of one demand, and what was tried. It changes nothing that anybody could see. */
export class Attempt implements Seeker {
  readonly book: Book;
  readonly demand: Demand;
  readonly now: Instant;
  readonly loses: readonly Place[];
  #tried: PoolRefusal[] | null = null;
  #totalLimit: number | null = null;
  #spent = 0;

  /** `loses` is what the service holds and would give up. */
  constructor(book: Book, demand: Demand, loses: readonly Place[], now: Instant) {
    this.book = book;
    this.demand = demand;
    this.now = now;
    this.loses = loses;
  }

  /** Every family that a pool did not give. */
  get tried(): readonly PoolRefusal[] {
    return this.#tried ?? [];
  }

  /** Why what was looked for was not found. */
  get refusal(): Refusal {
    return this.refusalOf(this.tried);
  }

  /** Some of what was tried as one refusal: the limit of the account where that stood in the way, else what the pools said. */
  refusalOf(tried: readonly PoolRefusal[]): Refusal {
    const limit = this.#totalLimit;
    if (limit === null || !tried.some(({ code }) => code === "QuotaReached")) return { code: "PoolsExhausted", tried };
    return { code: "QuotaReached", account: accountOf(this.demand), pool: null, limit };
  }

  /** Looks in one pool for what is missing of `families` beside what the service keeps there. */
  from(pool: string, families: readonly IpFamily[], beside: readonly Place[]): Yield {
    const room = this.#roomIn(pool);
    const places: Place[] = [];
    const given: IpFamily[] = [];
    for (const family of families) {
      const stock = this.book.pools.stock(pool, family);
      if (stock === null) {
        this.#refuse({ pool, family, code: this.book.pools.pool(pool) === null ? "Unknown" : "FamilyAbsent" });
        continue;
      }
      const kept = beside.length === 0 ? 0 : beside.filter(({ page }) => page.run.family === family).length;
      const picked = this.#pick(stock, (this.demand.perFamily ?? 1) - kept, beside, room);
      if (picked === null) continue;
      for (const place of picked) places.push(place);
      given.push(family);
    }
    return { places, families: given };
  }

  /** Counts places that are chosen already against the limits of the account. Says which limit does not allow them. */
  spend(pool: string, places: readonly Place[]): Refusal | null {
    const room = this.#roomIn(pool);
    const account = accountOf(this.demand);
    const gained = places.filter((place) => !accountHolds(account, place, this.demand.service)).length;
    if (gained > room.left)
      return { code: "QuotaReached", account, pool: room.isTotal ? null : pool, limit: room.limit };
    this.#spent += gained;
    return null;
  }

  #pick(stock: Stock, count: number, beside: readonly Place[], room: Room): readonly Place[] | null {
    const picked: Place[] = [];
    const lent: Place[] = [];
    const { left } = room;
    // What is chosen is not free for as long as this search lasts.
    for (const place of beside) if (place.page.claim(place.slot)) lent.push(place);
    while (picked.length < count) {
      const chosen = picked.length === 0 && beside.length === 0 ? picked : [...beside, ...picked];
      const isFull = room.left <= 0;
      const place = pickPlace(this, stock, chosen, isFull);
      if (place === null) {
        this.#refuse(this.#whyNotOf(stock, isFull ? room : null));
        break;
      }
      picked.push(place);
      if (room !== unlimited && !accountHolds(accountOf(this.demand), place, this.demand.service)) room.left--;
      if (picked.length < count && place.page.claim(place.slot)) lent.push(place);
    }
    for (const place of lent) place.page.run.stock?.free(place);
    if (picked.length === count) return picked;
    if (room !== unlimited) room.left = left;
    return null;
  }

  #whyNotOf({ pool: { name: pool }, family, coolsUntil, keepsForOthers }: Stock, room: Room | null): PoolRefusal {
    if (room !== null) {
      if (room.isTotal) this.#totalLimit = room.limit;
      return { pool, family, code: "QuotaReached", account: accountOf(this.demand), limit: room.limit };
    }
    if (coolsUntil !== null) return { pool, family, code: "CoolingDown", until: coolsUntil };
    return { pool, family, code: keepsForOthers ? "Reserved" : "Exhausted" };
  }

  #refuse(refusal: PoolRefusal): void {
    this.#tried ??= [];
    this.#tried.push(refusal);
  }

  /** What is held already stays, whatever the limit; and who gives up as much as it gets may always do so. */
  #roomIn(pool: string): Room {
    const { tally } = this.book.holdings;
    if (tally === null) return unlimited;
    const account = accountOf(this.demand);
    const quota = this.book.quotas.get(account) ?? Number.POSITIVE_INFINITY;
    const ofPool = this.book.pools.pool(pool)?.maxPerAccount ?? Number.POSITIVE_INFINITY;
    const lost = this.loses.filter((place) => !accountHolds(account, place, this.demand.service));
    const lostHere = lost.filter(({ page }) => page.run.stock?.pool.name === pool);
    const total = Math.max(quota - tally.of(account, null), 0) + lost.length;
    const here = Math.max(ofPool - tally.of(account, pool), 0) + lostHere.length;
    return total <= here
      ? { left: total - this.#spent, limit: quota, isTotal: true }
      : { left: here - this.#spent, limit: ofPool, isTotal: false };
  }
}

function accountOf({ account = "" }: Demand): AccountKey {
  return account;
}
