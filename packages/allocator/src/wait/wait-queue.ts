import { MinHeap } from "../range/min-heap.ts";

/**
 * The state of a waiter in a queue. `Waiting`: nothing came since it was asked. `Dirty`: units came, and it is worth asking again.
 * `Woken`: it was woken and is not asked again yet.
 */
type WaiterState = "Waiting" | "Dirty" | "Woken";

/**
 * A queue of waiters for something that comes in units, for example the addresses of a pool. Each waiter has a ticket, a lower one if it
 * waits longer. No more waiters are woken than there are units. Waking one costs O(log n); one that is not woken costs nothing after it
 * was marked once.
 */
export class WaitQueue {
  readonly #states = new Map<number, WaiterState>();
  readonly #waiting = new Set<number>();
  #dirty = new MinHeap();
  #woken = 0;

  /** True if nobody waits. */
  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** The tickets of all waiters, woken ones too. */
  get tickets(): Iterable<number> {
    return this.#states.keys();
  }

  /** Adds a waiter that was asked just now. */
  join(ticket: number): void {
    this.#states.set(ticket, "Waiting");
    this.#waiting.add(ticket);
  }

  /** Removes a waiter. Returns true if the queue had woken it: then another may be woken in its place. */
  leave(ticket: number): boolean {
    const wasWoken = this.#states.get(ticket) === "Woken";
    if (wasWoken) this.#woken--;
    this.#states.delete(ticket);
    this.#waiting.delete(ticket);
    return wasWoken;
  }

  /** Marks every waiter as worth asking again: units came. */
  markDirty(): void {
    for (const ticket of this.#waiting) {
      this.#states.set(ticket, "Dirty");
      this.#dirty.push(ticket);
    }
    this.#waiting.clear();
    if (this.#dirty.size > this.#states.size * 2 + 64) this.#compact();
  }

  /** Wakes the waiters that wait longest, while fewer are awake than there are units. Returns their tickets. */
  wake(units: number): readonly number[] {
    const woken: number[] = [];
    while (this.#woken < units) {
      const ticket = this.#dirty.pop();
      if (ticket === undefined) break;
      if (this.#states.get(ticket) !== "Dirty") continue;
      this.#states.set(ticket, "Woken");
      this.#woken++;
      woken.push(ticket);
    }
    return woken;
  }

  /** Rebuilds the heap without the tickets of waiters that left. */
  #compact(): void {
    this.#dirty = new MinHeap();
    for (const [ticket, state] of this.#states) if (state === "Dirty") this.#dirty.push(ticket);
  }
}
