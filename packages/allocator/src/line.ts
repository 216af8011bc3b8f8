import { MinHeap } from "./min-heap.ts";

/** Who waits in a line: told nothing new, told that there may be something for it now, or woken and not asked again yet. */
type Standing = "Resting" | "Stirred" | "Woken";

/**
 * Those who wait for something that comes in units, such as the addresses of a pool; each has a ticket, lower for who waits longer.
 * No more are woken than there are units; each costs O(log n), and those not woken cost nothing more than once a registration.
 */
export class Line {
  readonly #standings = new Map<number, Standing>();
  readonly #resting = new Set<number>();
  #stirred = new MinHeap();
  #woken = 0;

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#standings.size === 0;
  }

  /** The tickets of all who wait. */
  get tickets(): Iterable<number> {
    return this.#standings.keys();
  }

  /** Adds a waiter who was asked just now. */
  join(ticket: number): void {
    this.#standings.set(ticket, "Resting");
    this.#resting.add(ticket);
  }

  /** Takes a waiter out. Says whether the line had woken it, so that another may be woken in its place. */
  leave(ticket: number): boolean {
    const wasWoken = this.#standings.get(ticket) === "Woken";
    if (wasWoken) this.#woken--;
    this.#standings.delete(ticket);
    this.#resting.delete(ticket);
    return wasWoken;
  }

  /** Tells that units came: everyone who waits is worth asking again. */
  stir(): void {
    for (const ticket of this.#resting) {
      this.#standings.set(ticket, "Stirred");
      this.#stirred.push(ticket);
    }
    this.#resting.clear();
    if (this.#stirred.size > this.#standings.size * 2 + 64) this.#compact();
  }

  /** Wakes who waits longest, as long as fewer are awake than there are units. */
  wake(units: number): readonly number[] {
    const woken: number[] = [];
    while (this.#woken < units) {
      const ticket = this.#stirred.pop();
      if (ticket === undefined) break;
      if (this.#standings.get(ticket) !== "Stirred") continue;
      this.#standings.set(ticket, "Woken");
      this.#woken++;
      woken.push(ticket);
    }
    return woken;
  }

  #compact(): void {
    this.#stirred = new MinHeap();
    for (const [ticket, standing] of this.#standings) if (standing === "Stirred") this.#stirred.push(ticket);
  }
}
