import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import { Assignments } from "./assignments.ts";
import { Book } from "./book.ts";
import { decide, decideToAdopt } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import type { Explanation } from "./explanation.ts";
import type { Assignment, Outcome } from "./outcome.ts";
import type { Release } from "./parting.ts";
import type { Pool } from "./pool.ts";
import type { Usage } from "./pool-set.ts";
import type { Reconfiguration } from "./reconfiguration.ts";
import { verdictsOn } from "./verdicts.ts";
import { Waiting } from "./waiting.ts";

const noQuotas: ReadonlyMap<AccountKey, number> = new Map();

/**
 * Gives out addresses of pools. One call costs O(log n) in what is in use, whatever the size of the pools; a service with a sharing
 * key costs as much more as there are addresses under its key. Instants do not run backwards: an earlier one counts as the latest told.
 */
export class Allocator {
  readonly #waiting = new Waiting();
  readonly #book = new Book(this.#waiting);

  /**
   * Replaces the pools. Holders keep what they have until their next `assign`. Returns what changed and which services must ask again.
   * `quotas` is the number of addresses that an account may hold in all pools together; an account without an entry may hold any number.
   */
  configure(pools: readonly Pool[], quotas: ReadonlyMap<AccountKey, number> = noQuotas): Reconfiguration {
    const before = this.#book.pools;
    const quotasBefore = this.#book.quotas;
    const displaced = this.#book.configure(pools, quotas);
    this.#waiting.follow(this.#book);
    const outdated = this.#waiting.reconfigured(before, quotasBefore, this.#book);
    return { changedPools: this.#book.pools.changed, displaced, outdated };
  }

  /**
   * Takes over what a service already holds, by its record, and never looks for anything new: the first pass after a start. What of the
   * record is not legal is refused with the reason and left for `assign`.
   */
  adopt(demand: Demand, now: Instant = this.#book.now): Outcome {
    const at = this.#advance(now);
    const decision = decideToAdopt(this.#book, demand, at);
    this.#perform(demand, decision, at);
    return decision.outcome;
  }

  /**
   * Meets a demand as far as it can be met. What is legal of what the service holds stays; only what is missing is looked for. Where
   * the answer carries a refusal, `takeWoken` tells when to ask again.
   */
  assign(demand: Demand, now: Instant): Outcome {
    const at = this.#advance(now);
    const decision = decide(this.#book, demand, at);
    const ticket = this.#perform(demand, decision, at);
    if (decision.outcome.refusal !== null) this.#waiting.enter(demand, decision, ticket, this.#book);
    return decision.outcome;
  }

  /** What `assign` would answer at this moment, and what every pool has to do with it. Changes nothing. */
  explain(demand: Demand, now: Instant): Explanation {
    const decision = decide(this.#book, demand, this.#advance(now));
    const pools = verdictsOn(this.#book, demand, decision);
    this.#book.spares.sweep();
    return { outcome: decision.outcome, pools };
  }

  /** Takes everything from a service. Returns what it held; null when it held nothing. */
  release(service: ServiceKey, now: Instant): Assignment | null {
    const at = this.#advance(now);
    this.#waiting.leave(service);
    const assignment = this.#book.holdings.release(service, at);
    this.#settle();
    return assignment;
  }

  /**
   * The services whose last answer was a refusal about which something has changed since: ask again for each, or release it. A service
   * is told once, until it was asked again. Of those who wait for the same, no more are told than there is something for, who waits
   * longest first; the others follow when these were asked and something is left.
   */
  takeWoken(now: Instant): readonly ServiceKey[] {
    this.#advance(now);
    return this.#waiting.take(this.#book);
  }

  /** When `takeWoken` may have something only because time has passed; null while nothing waits for that. */
  nextDeadline(): Instant | null {
    return this.#waiting.nextDeadline(this.#book);
  }

  /** The addresses given back that some pool still needs to know of, oldest first: what to record and to `remember` after a start. */
  releases(): readonly Release[] {
    return [...this.#book.partings].map(({ parting }) => parting);
  }

  /** Takes over the partings of an earlier allocator: after `configure`, before `adopt`. Those that no pool needs are dropped. */
  restoreReleases(partings: readonly Release[]): void {
    this.#book.remember(partings);
    this.#settle();
  }

  /** What a service holds. */
  assignmentOf(service: ServiceKey): Assignment | null {
    return this.#book.holdings.holders.get(service)?.assignment ?? null;
  }

  /** Everything that is held, by service: always as it is at the moment. */
  get assignments(): ReadonlyMap<ServiceKey, Assignment> {
    return new Assignments(this.#book.holdings.holders);
  }

  /** Who holds an address, in the order they came. */
  holdersOf(address: IpAddress): readonly ServiceKey[] {
    const place = this.#book.find(address);
    return place === null ? [] : place.page.holdersAt(place.slot).map(({ service }) => service);
  }

  /** What is in use and what is left of a pool, by family; null for an unknown pool. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#book.pools.usageOf(pool);
  }

  #advance(now: Instant): Instant {
    const at = this.#book.advance(now);
    this.#waiting.follow(this.#book);
    return at;
  }

  /** Does what was decided. Returns the ticket with which the service waited until now. */
  #perform(demand: Demand, { outcome, places }: Decision, now: Instant): number | null {
    const ticket = this.#waiting.leave(demand.service);
    if (outcome.assignment === null) this.#book.holdings.release(demand.service, now);
    else this.#book.holdings.hold(demand, outcome.assignment.pool, places, now);
    this.#settle();
    return ticket;
  }

  #settle(): void {
    this.#book.prune();
    this.#waiting.follow(this.#book);
    this.#book.spares.sweep();
  }
}
