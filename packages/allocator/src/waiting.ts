/**
 * Who waits for what. An answer that is not all that was wanted says what it hangs on: addresses of pools, room that an account has,
 * single addresses, holders who might share. A change wakes those whom it concerns, and nobody is asked to look at everyone.
 */
import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { Decision } from "./decision.ts";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import type { Witness } from "./holdings.ts";
import { MinHeap } from "./min-heap.ts";
import type { Place } from "./page.ts";
import type { PoolSet } from "./pool-set.ts";
import { type Good, type Queue, Queues } from "./queues.ts";
import type { PoolRefusal } from "./refusal.ts";
import { Register } from "./register.ts";
import { whyNotGive, whyNotKeep, whyNotRequest } from "./why-not.ts";

interface Waiter {
  /** Lower for who waits longer. */
  readonly ticket: number;
  readonly demand: Demand;
  readonly queues: readonly Queue[];
  readonly addresses: readonly IpAddress[];
  /** Where it might join a holder, as `sharingSpot` says. */
  readonly spots: readonly string[];
  readonly lacksPools: boolean;
  /** Addresses that nobody holds, for each of which nobody else is woken until this one was asked. */
  readonly calledTo: IpAddress[];
  isWoken: boolean;
}

/** Those whose last answer was not all that they wanted. */
export class Waiting implements Witness {
  readonly #waiters = new Map<ServiceKey, Waiter>();
  readonly #byTicket = new Map<number, Waiter>();
  readonly #queues = new Queues();
  readonly #byAddress = new Register<IpAddress>();
  readonly #bySpot = new Register<string>();
  /** Who was woken for an address that nobody holds. */
  readonly #called = new Map<IpAddress, number>();
  readonly #touched = new Map<IpAddress, Place>();
  readonly #vacant = new Set<IpAddress>();
  readonly #deadlines = new MinHeap();
  readonly #told = new Set<number>();
  #nextTicket = 0;

  /** Somebody came to an address, left it, or holds it on other terms; or it has cooled down. */
  touched(place: Place): void {
    if (this.#waiters.size > 0) this.#touched.set(place.address, place);
  }

  /** An account holds an address less. */
  eased(account: AccountKey, pool: string | null): void {
    if (this.#waiters.size === 0) return;
    this.#queues.stir({ type: "Room", account, pool: null });
    if (pool !== null) this.#queues.stir({ type: "Room", account, pool });
  }

  /** Takes a service out, since it is asked now or gone. Returns its ticket, with which it keeps its turn if it comes back. */
  leave(service: ServiceKey): number | null {
    if (this.#waiters.size === 0) return null;
    const waiter = this.#waiters.get(service);
    if (waiter === undefined) return null;
    const { ticket } = waiter;
    this.#waiters.delete(service);
    this.#byTicket.delete(ticket);
    this.#told.delete(ticket);
    for (const queue of waiter.queues) this.#queues.leave(queue, ticket);
    for (const address of waiter.addresses) this.#byAddress.remove(address, ticket);
    for (const spot of waiter.spots) this.#bySpot.remove(spot, ticket);
    for (const address of waiter.calledTo) {
      this.#called.delete(address);
      this.#vacant.add(address);
    }
    return ticket;
  }

  /** Lets a service wait for what its answer hangs on; `before` is the ticket it had when it was asked. */
  enter(demand: Demand, decision: Decision, before: number | null, book: Book): void {
    const { hangsOn, missed, outcome } = decision;
    const ticket = before ?? this.#nextTicket++;
    const goods = hangsOn.flatMap((refusal) => goodsOf(refusal, book));
    const { sharingKey } = demand;
    const waiter: Waiter = {
      ticket,
      demand,
      queues: [...new Set(goods.map((good) => this.#queues.join(good, ticket)))],
      addresses: [...new Set(missed)],
      spots: sharingKey === null ? [] : hangsOn.map(({ pool, family }) => sharingSpot(pool, family, sharingKey)),
      lacksPools: outcome.refusal?.code === "NoEligiblePool",
      calledTo: [],
      isWoken: false,
    };
    this.#waiters.set(demand.service, waiter);
    this.#byTicket.set(ticket, waiter);
    for (const spot of waiter.spots) this.#bySpot.add(spot, ticket);
    for (const address of waiter.addresses) {
      this.#byAddress.add(address, ticket);
      this.#noteDeadline(address, book);
    }
  }

  /** Follows up what happened since the last time. */
  follow(book: Book): void {
    if (this.#touched.size === 0 && this.#vacant.size === 0) return;
    for (const place of this.#touched.values()) this.#followPlace(place, book);
    this.#touched.clear();
    for (const address of this.#vacant) this.#callTo(address, book);
    this.#vacant.clear();
  }

  /** Wakes the services that new pools or quotas concern. Returns all whose refusal depends on what changed. */
  reconfigured(before: PoolSet, quotasBefore: ReadonlyMap<AccountKey, number>, book: Book): readonly ServiceKey[] {
    const { changed } = book.pools;
    const outdated = new Set<number>();
    for (const queue of this.#queues.all) {
      const { good } = queue;
      const concerns =
        good.type === "Room" && good.pool === null
          ? quotasBefore.get(good.account) !== book.quotas.get(good.account)
          : good.pool !== null && changed.has(good.pool);
      if (!concerns) continue;
      this.#queues.stirQueue(queue);
      for (const ticket of queue.line.tickets) outdated.add(ticket);
    }
    const isIn = (address: IpAddress, pools: PoolSet): boolean => changed.has(pools.whereabouts(address)?.pool ?? "");
    for (const waiter of changed.size === 0 ? [] : this.#waiters.values()) {
      const { ticket, demand, addresses, lacksPools, spots } = waiter;
      const named = [...addresses, ...demand.requested];
      const concerns =
        named.some((address) => isIn(address, before) || isIn(address, book.pools)) ||
        (spots.length > 0 && demand.pools.flat().some((pool) => changed.has(pool))) ||
        book.pools.reservedFor(demand.service).some(({ page }) => changed.has(page.run.stock?.pool.name ?? ""));
      if (concerns) outdated.add(ticket);
      if (concerns || lacksPools) this.#tell(waiter);
    }
    return [...outdated]
      .toSorted((a, b) => a - b)
      .map((ticket) => (this.#byTicket.get(ticket) as Waiter).demand.service);
  }

  /** Those to be asked again, who waits longest first; each once until it was asked. */
  take(book: Book): readonly ServiceKey[] {
    if (this.#waiters.size === 0) return [];
    for (const ticket of this.#queues.wake(book)) this.#tell(this.#byTicket.get(ticket));
    const tickets = [...this.#told].toSorted((a, b) => a - b);
    this.#told.clear();
    return tickets.map((ticket) => (this.#byTicket.get(ticket) as Waiter).demand.service);
  }

  /** When time alone will have something for somebody; null while nobody waits for that. */
  nextDeadline(book: Book): Instant | null {
    if (this.#waiters.size === 0) return null;
    let next = Number.POSITIVE_INFINITY;
    for (let at = this.#deadlines.peek(); at !== undefined; at = this.#deadlines.peek()) {
      if (at > book.now) {
        next = at;
        break;
      }
      this.#deadlines.pop();
    }
    for (const { good } of this.#queues.all) {
      if (good.type === "Addresses")
        next = Math.min(next, book.pools.stock(good.pool, good.family)?.coolsUntil ?? next);
    }
    return next === Number.POSITIVE_INFINITY ? null : (next as Instant);
  }

  #tell(waiter: Waiter | undefined): void {
    if (waiter === undefined || waiter.isWoken) return;
    waiter.isWoken = true;
    this.#told.add(waiter.ticket);
  }

  #followPlace(place: Place, book: Book): void {
    const { page, slot, address } = place;
    const { stock } = page.run;
    if (!page.isHeld(slot)) {
      if (stock?.isAvailable(place) === true) {
        this.#queues.stir({ type: "Addresses", pool: stock.pool.name, family: stock.family });
      }
      this.#callTo(address, book);
      return;
    }
    for (const { demand, waiter } of this.#at(this.#byAddress.at(address))) {
      if (this.#mayHave(demand, address, book)) this.#tell(waiter);
    }
    const sharingKey = page.holdersAt(slot)[0]?.sharingKey ?? null;
    if (sharingKey === null || stock === null) return;
    for (const { demand, waiter } of this.#at(
      this.#bySpot.at(sharingSpot(stock.pool.name, stock.family, sharingKey)),
    )) {
      if (whyNotGive(demand, place, book, book.now) === null) this.#tell(waiter);
    }
  }

  /** Wakes the one who waits longest for an address that nobody holds, unless somebody is on the way already. */
  #callTo(address: IpAddress, book: Book): void {
    const waiting = this.#byAddress.at(address);
    const place = book.find(address);
    if (waiting.size === 0 || this.#called.has(address) || place?.page.isHeld(place.slot) === true) return;
    for (const { demand, waiter } of this.#at(waiting)) {
      if (!this.#mayHave(demand, address, book)) continue;
      this.#called.set(address, waiter.ticket);
      waiter.calledTo.push(address);
      this.#tell(waiter);
      return;
    }
    this.#noteDeadline(address, book);
  }

  #mayHave(demand: Demand, address: IpAddress, book: Book): boolean {
    const place = book.find(address);
    if (place === null) return false;
    if (demand.requested.includes(address)) return whyNotRequest(demand, address, book, book.now) === null;
    const isOnRecord = demand.recorded.includes(address) && !book.holdings.holders.has(demand.service);
    return (isOnRecord ? whyNotKeep(demand, address, book) : whyNotGive(demand, place, book, book.now)) === null;
  }

  #noteDeadline(address: IpAddress, book: Book): void {
    const until = book.partings.of(address)?.coolsUntil ?? null;
    if (until !== null) this.#deadlines.push(until);
  }

  #at(tickets: Iterable<number>): readonly { readonly demand: Demand; readonly waiter: Waiter }[] {
    return [...tickets]
      .toSorted((a, b) => a - b)
      .map((ticket) => this.#byTicket.get(ticket) as Waiter)
      .map((waiter) => ({ demand: waiter.demand, waiter }));
  }
}

function goodsOf(refusal: PoolRefusal, book: Book): readonly Good[] {
  const { pool, family } = refusal;
  if (refusal.code !== "QuotaReached") return [{ type: "Addresses", pool, family }];
  const { account } = refusal;
  const goods: Good[] = [];
  if (book.pools.pool(pool)?.maxPerAccount !== undefined) goods.push({ type: "Room", account, pool });
  if (book.quotas.has(account)) goods.push({ type: "Room", account, pool: null });
  return goods;
}

/** Names the holders of a pool and family under a sharing key. */
function sharingSpot(pool: string, family: string, sharingKey: string): string {
  return JSON.stringify([pool, family, sharingKey]);
}
