/** A binary heap of numbers, smallest first. */
export class MinHeap {
  readonly #items: number[] = [];

  /** How many numbers it holds, duplicates counted. */
  get size(): number {
    return this.#items.length;
  }

  /** The smallest number, left in place; undefined when empty. */
  peek(): number | undefined {
    return this.#items[0];
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
