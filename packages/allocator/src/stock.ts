import type { AddressRange, Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";
import { Fifo } from "./fifo.ts";
import { MinHeap } from "./min-heap.ts";
import type { Place } from "./page.ts";
import type { PartingLog, Rest } from "./parting.ts";
import type { Pool } from "./pool.ts";
import { Run } from "./run.ts";
import type { SparePages } from "./spare-pages.ts";

/**
 * What one pool has of one family. A usable address is in one of these states: held; blocked (nobody holds it, but not everybody may
 * be given it: it is reserved, or cools down); rested (of a pool that gives the least recently used: it was given back and has cooled
 * down); or free, which its page knows.
 */
export class Stock {
  readonly pool: Pool;
  readonly family: IpFamily;
  readonly runs: readonly Run[];
  /** How many addresses can be given out. */
  readonly usable: bigint;
  /** Whether it has a use for knowing who gave an address back and when. */
  readonly keepsPartings: boolean;
  readonly #reserved = new Map<IpAddress, ServiceKey>();
  readonly #log: PartingLog;
  readonly #open = new MinHeap();
  readonly #cooling = new Fifo<Rest>();
  readonly #rested = new Fifo<Rest>();
  readonly #capacity: number;
  #held = 0;
  #blocked = 0;
  #coolingDown = 0;

  constructor(pool: Pool, family: IpFamily, ranges: readonly AddressRange[], log: PartingLog, spares: SparePages) {
    this.pool = pool;
    this.family = family;
    this.#log = log;
    this.keepsPartings = pool.sticky === true || (pool.coolDown ?? 0) > 0 || pool.order === "LeastRecentlyUsed";
    this.runs = ranges.map((range, index) => new Run(this, index, range, pool.avoidBuggyIPs, spares));
    this.usable = this.runs.reduce((sum, run) => sum + run.usable, 0n);
    this.#capacity = this.usable > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(this.usable);
    for (const run of this.runs) this.#queue(run);
  }

  /** How many addresses are held. */
  get held(): number {
    return this.#held;
  }

  /** How many addresses anybody may be given; Infinity for more than can be counted in a number. */
  get available(): number {
    return this.#capacity - this.#held - this.#blocked;
  }

  /** For whom an address is kept; null when for nobody. */
  reservedFor(address: IpAddress): ServiceKey | null {
    return this.#reserved.get(address) ?? null;
  }

  /** Whether any address is kept for somebody. */
  get hasReserved(): boolean {
    return this.#reserved.size > 0;
  }

  /** Whether addresses that nobody holds and that do not cool down are kept for somebody. */
  get keepsForOthers(): boolean {
    return this.#blocked > this.#coolingDown;
  }

  /** Whether an address is either held or free for anybody, and the lowest free one is given. */
  get isPlain(): boolean {
    return this.#reserved.size === 0 && !this.keepsPartings;
  }

  /** When the first of the addresses that cool down has done so; null when none does. */
  get coolsUntil(): Instant | null {
    return this.#cooling.peek()?.coolsUntil ?? null;
  }

  /** The lowest free address of the first run that has one. */
  lowest(): Place | null {
    for (let index = this.#open.peek(); index !== undefined; index = this.#open.peek()) {
      const run = this.runs[index] as Run;
      const place = run.lowest();
      if (place !== null) return place;
      run.queued = false;
      this.#open.pop();
    }
    return null;
  }

  /** Those given back and cooled down, the one longest ago first; of a pool that gives the least recently used. */
  get rested(): Iterable<Rest> {
    return this.#rested;
  }

  /** Keeps an address, which nobody holds yet, for a service; the first of several to ask for it. */
  reserve(place: Place, service: ServiceKey): void {
    if (this.#reserved.has(place.address)) return;
    this.#reserved.set(place.address, service);
    if (place.page.claim(place.slot)) this.#blocked++;
  }

  /** Tells that an address which nobody held is held now. */
  took(place: Place): void {
    this.#held++;
    const wasFree = place.page.claim(place.slot);
    const rest = this.keepsPartings ? this.#log.remove(place.address) : undefined;
    if (wasFree) return;
    const cooledDown = (rest?.coolsUntil ?? null) === null;
    if (!cooledDown) this.#coolingDown--;
    if (!cooledDown || this.#reserved.has(place.address)) this.#blocked--;
  }

  /** Tells that nobody holds an address any more, and who was the last. */
  gaveBack(place: Place, service: ServiceKey, at: Instant): void {
    this.#held--;
    if (this.keepsPartings) this.#rest(place, service, at, at);
    else this.#settle(place, null);
  }

  /** Notes who gave an address back and when; says whether this pool has a use for that. Nobody holds the address. */
  remember(place: Place, service: ServiceKey, at: Instant, now: Instant): boolean {
    if (!this.keepsPartings) return false;
    if (!place.page.claim(place.slot)) this.#blocked--;
    this.#rest(place, service, at, now);
    return true;
  }

  #rest(place: Place, service: ServiceKey, at: Instant, now: Instant): void {
    const until = (at + (this.pool.coolDown ?? 0)) as Instant;
    const cools = until > at && until > now;
    const rest: Rest = {
      parting: { address: place.address, service, at },
      place,
      coolsUntil: cools ? until : null,
      gone: false,
    };
    this.#log.add(rest);
    if (!cools) return this.#settle(place, rest);
    this.#cooling.push(rest);
    this.#coolingDown++;
    this.#blocked++;
  }

  /** Makes available what has cooled down by `now`, and returns it. */
  mature(now: Instant): readonly Place[] {
    const matured: Place[] = [];
    for (let rest = this.#cooling.peek(); rest !== undefined; rest = this.#cooling.peek()) {
      if ((rest.coolsUntil as Instant) > now) break;
      this.#cooling.shift();
      rest.coolsUntil = null;
      this.#coolingDown--;
      this.#blocked--;
      this.#settle(rest.place, rest);
      matured.push(rest.place);
    }
    return matured;
  }

  /** Forgets a parting that it noted: the address is as if it had never been given. */
  forget(rest: Rest): void {
    this.#log.remove(rest.parting.address);
    if (rest.coolsUntil !== null) {
      this.#coolingDown--;
      this.#blocked--;
    } else if (this.#reserved.has(rest.parting.address)) return;
    this.#settle(rest.place, null);
  }

  #settle(place: Place, rest: Rest | null): void {
    if (this.#reserved.size > 0 && this.#reserved.has(place.address)) this.#blocked++;
    else if (rest !== null && this.pool.order === "LeastRecentlyUsed") this.#rested.push(rest);
    else this.free(place);
  }

  /** Whether anybody may be given an address. Nobody holds it. */
  isAvailable({ page, slot, address }: Place): boolean {
    if (page.isFree(slot)) return true;
    if (this.pool.order !== "LeastRecentlyUsed" || this.#reserved.has(address)) return false;
    return this.#log.of(address)?.coolsUntil === null;
  }

  /** Marks an address as free for anybody. */
  free(place: Place): void {
    const { run } = place.page;
    run.free(place);
    if (!run.queued) this.#queue(run);
  }

  #queue(run: Run): void {
    run.queued = true;
    this.#open.push(run.index);
  }
}
