/** What a queue holds: something that may have lost its meaning while it waited. */
export interface Transient {
  readonly gone: boolean;
}

/** A queue in which items that are `gone` are never seen. O(1) an operation, on the average of many. */
export class Fifo<Item extends Transient> {
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

  /** The first item, left in place. */
  peek(): Item | undefined {
    while (this.#items[this.#head]?.gone === true) this.#head++;
    return this.#items[this.#head];
  }

  /** Takes the first item out. */
  shift(): Item | undefined {
    const item = this.peek();
    if (item !== undefined) this.#head++;
    return item;
  }

  /** The items in their order. */
  *[Symbol.iterator](): Iterator<Item> {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at] as Item;
      if (!item.gone) yield item;
    }
  }
}
