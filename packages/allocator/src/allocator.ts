import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import { decideDemand, decideToAdopt } from "./decide/decide.ts";
import type { DemandDecision } from "./decide/decision.ts";
import { poolVerdicts } from "./decide/pool-verdicts.ts";
import type { AccountKey, Demand, ServiceKey } from "./demand.ts";
import type { Explanation } from "./explanation.ts";
import type { Assignment, Outcome } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import type { Reconfiguration } from "./reconfiguration.ts";
import type { Release } from "./release.ts";
import { AllocatorState } from "./state/allocator-state.ts";
import { AssignmentsView } from "./state/assignments-view.ts";
import type { Usage } from "./usage.ts";
import { WaitingServices } from "./wait/waiting-services.ts";

const noQuotas: ReadonlyMap<AccountKey, number> = new Map();

/**
 * An allocator of addresses from pools. One call costs O(log n) in the number of addresses in use, for pools of any size; a
 * service with a sharing key costs as much more as there are addresses under its key. Instants do not run backwards: an earlier one
 * than the latest counts as the latest.
 */
export class Allocator {
  readonly #waiting = new WaitingServices();
  readonly #state = new AllocatorState(this.#waiting);

  /**
   * Replaces the pools. Holders keep what they have until their next `assign`. Returns what changed and which services must ask again.
   * `quotas` is the number of addresses that an account may hold in all pools together; an account without an entry may hold any number.
   */
  configure(pools: readonly Pool[], quotas: ReadonlyMap<AccountKey, number> = noQuotas): Reconfiguration {
    const before = { pools: this.#state.pools, quotas: this.#state.quotas };
    const displaced = this.#state.configure(pools, quotas);
    this.#waiting.processChanges(this.#state);
    const outdated = this.#waiting.reconfigure(before, this.#state);
    return { changedPools: this.#state.pools.changed, displaced, outdated };
  }

  /**
   * Takes over what a service already holds, by its record, and never looks for anything new: the first pass after a start. Recorded
   * addresses that are not legal are refused with the reason and left for `assign`.
   */
  adopt(demand: Demand, now: Instant = this.#state.now): Outcome {
    const at = this.#advance(now);
    const decision = decideToAdopt(this.#state, demand);
    this.#carryOut(demand, decision, at);
    return decision.outcome;
  }

  /**
   * Meets a demand as far as it can be met. Addresses that the service holds and that are legal stay; only what is missing is looked
   * for. If the outcome has a refusal, `takeWoken` returns the service when it is to be asked again.
   */
  assign(demand: Demand, now: Instant): Outcome {
    const at = this.#advance(now);
    const decision = decideDemand(this.#state, demand);
    const ticket = this.#carryOut(demand, decision, at);
    if (decision.outcome.refusal !== null) this.#waiting.enter(demand, decision, ticket, this.#state);
    return decision.outcome;
  }

  /** The outcome that `assign` would return at this moment, and the part of every pool in it. Changes nothing. */
  explain(demand: Demand, now: Instant): Explanation {
    this.#advance(now);
    const decision = decideDemand(this.#state, demand);
    const pools = poolVerdicts(this.#state, demand, decision);
    this.#state.unusedPages.sweep();
    return { outcome: decision.outcome, pools };
  }

  /** Releases everything that a service holds. Returns what it held; null if it held nothing. */
  release(service: ServiceKey, now: Instant): Assignment | null {
    const at = this.#advance(now);
    this.#waiting.leave(service);
    const assignment = this.#state.holdings.release(service, at);
    this.#finish();
    return assignment;
  }

  /**
   * The services whose last outcome had a refusal that may be over: ask each again, or release it. Each is returned once until it was
   * asked. Of the services that wait for the same, no more are returned than there is something for, the longest waiting first; the
   * others follow when these were asked and something is left.
   */
  takeWoken(now: Instant): readonly ServiceKey[] {
    this.#advance(now);
    return this.#waiting.takeWoken(this.#state);
  }

  /** The instant at which `takeWoken` may return something only because time has passed; null while no service waits for that. */
  nextDeadline(): Instant | null {
    return this.#waiting.nextDeadline(this.#state);
  }

  /** The releases that a pool still needs to know of, oldest first: to be recorded, and restored after a start. */
  releases(): readonly Release[] {
    return [...this.#state.releases].map(({ release }) => release);
  }

  /** Restores the releases of an earlier allocator: after `configure`, before `adopt`. Releases that no pool needs are dropped. */
  restoreReleases(releases: readonly Release[]): void {
    this.#state.restoreReleases(releases);
    this.#finish();
  }

  /** The pool and the addresses that a service holds; null if it holds nothing. */
  assignmentOf(service: ServiceKey): Assignment | null {
    return this.#state.holdings.holders.get(service)?.assignment ?? null;
  }

  /** A view of all assignments by service: always as they are at the moment. */
  get assignments(): ReadonlyMap<ServiceKey, Assignment> {
    return new AssignmentsView(this.#state.holdings.holders);
  }

  /** The services that hold an address, in the order in which they came. */
  holdersOf(address: IpAddress): readonly ServiceKey[] {
    return this.#state.find(address)?.holders.map(({ service }) => service) ?? [];
  }

  /** The use of a pool by family; null for an unknown pool. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    return this.#state.pools.usageOf(pool);
  }

  #advance(now: Instant): Instant {
    const at = this.#state.advance(now);
    this.#waiting.processChanges(this.#state);
    return at;
  }

  /** Carries out a decision. Returns the ticket with which the service waited until now; null if it did not wait. */
  #carryOut(demand: Demand, { outcome, slots }: DemandDecision, now: Instant): number | null {
    const ticket = this.#waiting.leave(demand.service);
    if (outcome.assignment === null) this.#state.holdings.release(demand.service, now);
    else this.#state.holdings.hold(demand, outcome.assignment.pool, slots, now);
    this.#finish();
    return ticket;
  }

  #finish(): void {
    this.#state.dropOldReleases();
    this.#waiting.processChanges(this.#state);
    this.#state.unusedPages.sweep();
  }
}
