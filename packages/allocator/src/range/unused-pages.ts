/** The number of unused pages that are kept before all are dropped. */
const LIMIT = 64;

/** An owner of pages that can drop those nobody needs. */
export interface PageOwner {
  /** Drops the pages that it added and that are as they were constructed. */
  dropUnused(): void;
}

/**
 * A count of the pages that were made to look an address up, or whose last address came back. A service may request addresses anywhere
 * in a wide range; the addresses that it did not get must not take memory for ever.
 */
export class UnusedPages {
  #owners = new Set<PageOwner>();
  #count = 0;

  /** Counts a page that its owner may drop. */
  add(owner: PageOwner): void {
    this.#owners.add(owner);
    this.#count++;
  }

  /** Drops the unused pages if there are many. Called only between two calls, when nobody has a slot of such a page at hand. */
  sweep(): void {
    if (this.#count <= LIMIT) return;
    for (const owner of this.#owners) owner.dropUnused();
    this.#owners.clear();
    this.#count = 0;
  }
}
