/** An item that can be removed from the middle of a queue: it stays there, marked, until its turn comes (lazy deletion). */
export interface Removable {
  readonly isRemoved: boolean;
}

/** A first-in, first-out queue that skips removed items. O(1) an operation, amortized. */
export class Fifo<Item extends Removable> {
  #items: Item[] = [];
  #head = 0;
  #limit = 64;

  /** Adds an item at the end. */
  push(item: Item): void {
    this.#items.push(item);
    if (this.#items.length <= this.#limit) return;
    this.#items = [...this];
    this.#head = 0;
    this.#limit = this.#items.length * 2 + 64;
  }

  /** The first item, left in place; undefined if there is none. */
  peek(): Item | undefined {
    while (this.#items[this.#head]?.isRemoved === true) this.#head++;
    return this.#items[this.#head];
  }

  /** Removes and returns the first item; undefined if there is none. */
  shift(): Item | undefined {
    const item = this.peek();
    if (item !== undefined) this.#head++;
    return item;
  }

  /** The items in their order. */
  *[Symbol.iterator](): Iterator<Item> {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at] as Item;
      if (!item.isRemoved) yield item;
    }
  }
}
