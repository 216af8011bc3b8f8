import type { IpAddress } from "@herald-lb/sansio";
import { MinHeap } from "./min-heap.ts";
import type { RangeSpace } from "./range-space.ts";

/**
 * Finds the lowest free address of a range in O(log n), in memory that grows with what was given out, not with the range.
 * Every address below the frontier is in use, avoided, or in the heap of those that came back; nothing above it was passed yet.
 * The heap is lazy: an address taken by name stays in it until it comes up and is found in use.
 */
export class FreeList {
  readonly space: RangeSpace;
  readonly #isUsed: (address: IpAddress) => boolean;
  readonly #returned = new MinHeap();
  #frontier = 0;

  constructor(space: RangeSpace, isUsed: (address: IpAddress) => boolean) {
    this.space = space;
    this.#isUsed = isUsed;
  }

  /** The lowest address that is neither used nor avoided, without taking it; null when there is none. */
  lowest(): IpAddress | null {
    for (let offset = this.#returned.peek(); offset !== undefined; offset = this.#returned.peek()) {
      const address = this.space.addressAt(offset);
      if (!this.#isUsed(address)) return address;
      this.#returned.pop();
    }
    for (; this.#frontier < this.space.end; this.#frontier++) {
      if (this.space.isAvoided(this.#frontier)) continue;
      const address = this.space.addressAt(this.#frontier);
      if (!this.#isUsed(address)) return address;
    }
    return null;
  }

  /** Tells that an address of this range is free again. */
  giveBack(address: IpAddress): void {
    const offset = this.space.offsetOf(address);
    if (offset < this.#frontier) this.#returned.push(offset);
  }
}
