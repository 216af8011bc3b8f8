/**
 * The services whose last answer was a refusal, and what each of them waits for: addresses of pools, the quota of an account, single
 * addresses, holders that might share. A change wakes the services that it concerns, without a look at all of them.
 */
import type { Instant, IpAddress, IpFamily } from "@herald-lb/sansio";
import { refusalFor, slotRefusalFor } from "../decide/address-checks.ts";
import type { DemandDecision } from "../decide/decision.ts";
import { retainingPurpose } from "../decide/legal-slots.ts";
import type { AccountKey, Demand, ServiceKey } from "../demand.ts";
import { MinHeap } from "../range/min-heap.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { Observer } from "../state/observer.ts";
import { type HeldSlot, isPoolSlot } from "../state/pool-family.ts";
import type { PoolSet } from "../state/pool-set.ts";
import { MultiMap } from "./multi-map.ts";
import { type ResourceQueue, WaitQueues } from "./wait-queues.ts";
import { resourcesOf, type WaitedResource } from "./waited-resource.ts";

/** A service that waits. */
interface Waiter {
  /** Lower for a service that waits longer. */
  readonly ticket: number;
  readonly demand: Demand;
  readonly queues: readonly ResourceQueue[];
  /** Single addresses that it waits for. */
  readonly addresses: readonly IpAddress[];
  /** Pools and families where it might join a holder with its sharing key. */
  readonly sharingGroups: readonly string[];
  /** Addresses that nobody holds and that it was woken for: no other is woken for them until it was asked. */
  readonly offers: IpAddress[];
  isWoken: boolean;
}

/** The pools and quotas before a reconfiguration. */
export interface FormerConfiguration {
  readonly pools: PoolSet;
  readonly quotas: ReadonlyMap<AccountKey, number>;
}

/** The services that wait. */
export class WaitingServices implements Observer {
  readonly #waiters = new Map<ServiceKey, Waiter>();
  readonly #byTicket = new Map<number, Waiter>();
  readonly #queues = new WaitQueues();
  readonly #byAddress = new MultiMap<IpAddress, number>();
  readonly #bySharingGroup = new MultiMap<string, number>();
  /** The tickets of the waiters to which addresses are offered. */
  readonly #offers = new Map<IpAddress, number>();
  readonly #endedOffers = new Set<IpAddress>();
  readonly #changedSlots = new Map<IpAddress, HeldSlot>();
  readonly #deadlines = new MinHeap();
  /** The tickets of the waiters that are woken and not returned yet. */
  readonly #woken = new Set<number>();
  #nextTicket = 0;

  slotChanged(slot: HeldSlot): void {
    if (this.#waiters.size > 0) this.#changedSlots.set(slot.address, slot);
  }

  accountReleased(account: AccountKey, pool: string | null): void {
    if (this.#waiters.size === 0) return;
    this.#queues.markDirty({ type: "Quota", account, pool: null });
    if (pool !== null) this.#queues.markDirty({ type: "Quota", account, pool });
  }

  /** Removes a service, because it is asked now or gone. Returns its ticket, with which it keeps its place if it comes back. */
  leave(service: ServiceKey): number | null {
    if (this.#waiters.size === 0) return null;
    const waiter = this.#waiters.get(service);
    if (waiter === undefined) return null;
    const { ticket } = waiter;
    this.#waiters.delete(service);
    this.#byTicket.delete(ticket);
    this.#woken.delete(ticket);
    for (const queue of waiter.queues) this.#queues.leave(queue, ticket);
    for (const address of waiter.addresses) this.#byAddress.remove(address, ticket);
    for (const group of waiter.sharingGroups) this.#bySharingGroup.remove(group, ticket);
    for (const address of waiter.offers) {
      this.#offers.delete(address);
      this.#endedOffers.add(address);
    }
    return ticket;
  }

  /** Lets a service wait for what its refusal was short of; `ticketBefore` is the ticket that it had when it was asked. */
  enter(demand: Demand, decision: DemandDecision, ticketBefore: number | null, state: AllocatorState): void {
    const { blockedBy, wantedAddresses } = decision;
    const { sharingKey } = demand;
    const ticket = ticketBefore ?? this.#nextTicket++;
    const resources = blockedBy.flatMap((refusal) => resourcesOf(refusal, state));
    const waiter: Waiter = {
      ticket,
      demand,
      queues: [...new Set(resources.map((resource) => this.#queues.join(resource, ticket)))],
      addresses: [...new Set(wantedAddresses)],
      sharingGroups:
        sharingKey === null ? [] : blockedBy.map(({ pool, family }) => sharingGroup(pool, family, sharingKey)),
      offers: [],
      isWoken: false,
    };
    this.#waiters.set(demand.service, waiter);
    this.#byTicket.set(ticket, waiter);
    for (const group of waiter.sharingGroups) this.#bySharingGroup.add(group, ticket);
    for (const address of waiter.addresses) {
      this.#byAddress.add(address, ticket);
      this.#addDeadline(address, state);
    }
  }

  /** Wakes the services that the changes since the last call concern. */
  processChanges(state: AllocatorState): void {
    if (this.#changedSlots.size === 0 && this.#endedOffers.size === 0) return;
    for (const slot of this.#changedSlots.values()) {
      if (slot.isHeld) this.#processHeldSlot(slot, state);
      else this.#processFreeSlot(slot, state);
    }
    this.#changedSlots.clear();
    for (const address of this.#endedOffers) this.#offer(address, state);
    this.#endedOffers.clear();
  }

  /** Wakes the services that new pools or quotas may help. Returns all whose refusal depends on something that changed. */
  reconfigure(before: FormerConfiguration, state: AllocatorState): readonly ServiceKey[] {
    const outdated = new Set<Waiter>();
    for (const entry of this.#queues.all) {
      if (!hasChanged(entry.resource, before, state)) continue;
      this.#queues.markQueueDirty(entry);
      for (const ticket of entry.queue.tickets) outdated.add(this.#byTicket.get(ticket) as Waiter);
    }
    for (const waiter of state.pools.changed.size === 0 ? [] : this.#waiters.values()) {
      if (!concernsPools(waiter, before.pools, state.pools)) continue;
      outdated.add(waiter);
      this.#wake(waiter);
    }
    return [...outdated].toSorted((a, b) => a.ticket - b.ticket).map(({ demand }) => demand.service);
  }

  /** The services to ask again, the longest waiting first; each once until it was asked. */
  takeWoken(state: AllocatorState): readonly ServiceKey[] {
    if (this.#waiters.size === 0) return [];
    for (const ticket of this.#queues.wake(state)) this.#wake(this.#byTicket.get(ticket) as Waiter);
    const waiters = this.#inOrder(this.#woken);
    this.#woken.clear();
    return waiters.map(({ demand }) => demand.service);
  }

  /** The instant at which time alone may help a waiting service; null while no service waits for that. */
  nextDeadline(state: AllocatorState): Instant | null {
    if (this.#waiters.size === 0) return null;
    let next: number | undefined = this.#deadlines.peek();
    while (next !== undefined && next <= state.now) {
      this.#deadlines.pop();
      next = this.#deadlines.peek();
    }
    for (const { resource } of this.#queues.all) {
      if (resource.type !== "Addresses") continue;
      const coolsUntil = state.pools.family(resource.pool, resource.family)?.coolsUntil ?? null;
      if (coolsUntil !== null) next = Math.min(next ?? coolsUntil, coolsUntil);
    }
    return next === undefined ? null : (next as Instant);
  }

  #wake(waiter: Waiter): void {
    if (waiter.isWoken) return;
    waiter.isWoken = true;
    this.#woken.add(waiter.ticket);
  }

  /** Wakes those that may join the holders of a slot. */
  #processHeldSlot(slot: HeldSlot, state: AllocatorState): void {
    for (const waiter of this.#inOrder(this.#byAddress.get(slot.address))) {
      if (canHave(waiter.demand, slot.address, state)) this.#wake(waiter);
    }
    const sharingKey = slot.holders[0]?.sharingKey ?? null;
    if (sharingKey === null || !isPoolSlot(slot)) return;
    const { pool, family } = slot.poolFamily;
    for (const waiter of this.#inOrder(this.#bySharingGroup.get(sharingGroup(pool.name, family, sharingKey)))) {
      if (slotRefusalFor("Assign", waiter.demand, slot, state) === null) this.#wake(waiter);
    }
  }

  /** Notes that an address may be free, and offers it to those that wait for this very address. */
  #processFreeSlot(slot: HeldSlot, state: AllocatorState): void {
    if (isPoolSlot(slot) && slot.poolFamily.isAvailable(slot)) {
      const { pool, family } = slot.poolFamily;
      this.#queues.markDirty({ type: "Addresses", pool: pool.name, family });
    }
    this.#offer(slot.address, state);
  }

  /** Offers an address that nobody holds to the longest waiting service that can have it, unless it is offered already. */
  #offer(address: IpAddress, state: AllocatorState): void {
    const waiting = this.#byAddress.get(address);
    if (waiting.size === 0 || this.#offers.has(address) || state.find(address)?.isHeld === true) return;
    const waiter = this.#inOrder(waiting).find(({ demand }) => canHave(demand, address, state));
    if (waiter === undefined) return this.#addDeadline(address, state);
    this.#offers.set(address, waiter.ticket);
    waiter.offers.push(address);
    this.#wake(waiter);
  }

  #addDeadline(address: IpAddress, state: AllocatorState): void {
    const until = state.releases.of(address)?.coolsUntil ?? null;
    if (until !== null) this.#deadlines.push(until);
  }

  /** The waiters of some tickets, the longest waiting first. */
  #inOrder(tickets: Iterable<number>): readonly Waiter[] {
    return [...tickets].toSorted((a, b) => a - b).map((ticket) => this.#byTicket.get(ticket) as Waiter);
  }
}

/** True if a service could have a single address that it waits for. */
function canHave(demand: Demand, address: IpAddress, state: AllocatorState): boolean {
  if (state.find(address) === null) return false;
  const isRecorded = demand.recorded.includes(address) && !state.holdings.holders.has(demand.service);
  if (isRecorded && refusalFor(retainingPurpose(demand), demand, address, state) === null) return true;
  const isRequested = demand.requested.includes(address);
  return (
    (isRequested || !isRecorded) && refusalFor(isRequested ? "Request" : "Assign", demand, address, state) === null
  );
}

/** True if a resource's pool or quota is not as it was. */
function hasChanged(resource: WaitedResource, before: FormerConfiguration, { pools, quotas }: AllocatorState): boolean {
  if (resource.type === "Addresses") return pools.changed.has(resource.pool);
  if (resource.pool !== null) return pools.changed.has(resource.pool);
  return before.quotas.get(resource.account) !== quotas.get(resource.account);
}

/** True if a changed pool has an address that the service names, waits for or has reserved, or one that it might share. */
function concernsPools({ demand, addresses, sharingGroups }: Waiter, before: PoolSet, now: PoolSet): boolean {
  return (
    [...addresses, ...demand.requested].some((address) => now.hasChangedAt(address, before)) ||
    (sharingGroups.length > 0 && demand.pools.flat().some((pool) => now.changed.has(pool))) ||
    now
      .reservedFor(demand.service)
      .map(({ poolFamily }) => poolFamily.pool.name)
      .some((pool) => now.changed.has(pool) && demand.permitted.includes(pool))
  );
}

/** The text that identifies the holders of a pool and family under a sharing key. */
function sharingGroup(pool: string, family: IpFamily, sharingKey: string): string {
  return JSON.stringify([pool, family, sharingKey]);
}
