/** A binary heap of numbers, smallest first. */
export class MinHeap {
  readonly #items: number[] = [];

  /** The number of numbers in it, duplicates counted. */
  get size(): number {
    return this.#items.length;
  }

  /** The smallest number, left in place; undefined when empty. */
  peek(): number | undefined {
    return this.#items[0];
  }

  /** The numbers in ascending order, left in place. The first k cost O(k²), which suits a few. */
  *ascending(): Iterable<number> {
    const items = this.#items;
    const candidates: number[] = items.length === 0 ? [] : [0];
    while (candidates.length > 0) {
      let next = 0;
      for (let at = 1; at < candidates.length; at++) {
        if ((items[candidates[at] as number] as number) < (items[candidates[next] as number] as number)) next = at;
      }
      const [position] = candidates.splice(next, 1) as [number];
      yield items[position] as number;
      for (const child of [position * 2 + 1, position * 2 + 2]) if (child < items.length) candidates.push(child);
    }
  }

  /** Adds a number. O(log n). */
  push(value: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as number;
      if (above <= value) break;
      items[at] = above;
      at = parent;
    }
    items[at] = value;
  }

  /** Takes the smallest number out; undefined when empty. O(log n). */
  pop(): number | undefined {
    const items = this.#items;
    const smallest = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return smallest;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1] as number) < (items[child] as number)) child++;
      const below = items[child] as number;
      if (below >= last) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return smallest;
  }
}
