import type { AllocatorState } from "../state/allocator-state.ts";
import { WaitQueue } from "./wait-queue.ts";
import { resourceKey, unitsOf, type WaitedResource } from "./waited-resource.ts";

/** A wait queue and the resource that its waiters wait for. */
export interface ResourceQueue {
  readonly resource: WaitedResource;
  readonly queue: WaitQueue;
}

/** The wait queues by resource; a resource that nobody waits for has none. */
export class WaitQueues {
  readonly #queues = new Map<string, ResourceQueue>();
  readonly #dirty = new Set<ResourceQueue>();

  /** The queues that have waiters. */
  get all(): Iterable<ResourceQueue> {
    return this.#queues.values();
  }

  /** Adds a waiter to the queue for a resource. */
  join(resource: WaitedResource, ticket: number): ResourceQueue {
    const key = resourceKey(resource);
    const entry = this.#queues.get(key) ?? { resource, queue: new WaitQueue() };
    this.#queues.set(key, entry);
    entry.queue.join(ticket);
    return entry;
  }

  /** Removes a waiter from a queue. */
  leave(entry: ResourceQueue, ticket: number): void {
    if (entry.queue.leave(ticket)) this.#dirty.add(entry);
    if (!entry.queue.isEmpty) return;
    this.#queues.delete(resourceKey(entry.resource));
    this.#dirty.delete(entry);
  }

  /** Notes that more of a resource is available. */
  markDirty(resource: WaitedResource): void {
    const entry = this.#queues.get(resourceKey(resource));
    if (entry !== undefined) this.markQueueDirty(entry);
  }

  /** Notes that more of a queue's resource is available. */
  markQueueDirty(entry: ResourceQueue): void {
    entry.queue.markDirty();
    this.#dirty.add(entry);
  }

  /** Wakes as many waiters as there are units of each resource. Returns their tickets. */
  wake(state: AllocatorState): readonly number[] {
    const woken = [...this.#dirty].flatMap(({ resource, queue }) => queue.wake(unitsOf(resource, state)));
    this.#dirty.clear();
    return woken;
  }
}
