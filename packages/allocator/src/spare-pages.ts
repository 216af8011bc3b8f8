import type { Page } from "./page.ts";

/** How many pages that nobody needs are kept before they are let go. */
const MOST = 64;

/**
 * Pages beyond the frontier of their run that were made to look an address up, or whose last address came back. A service may ask for
 * addresses anywhere in a wide range: what it did not get must not take memory for ever.
 */
export class SparePages {
  #pages: Page[] = [];

  /** Adds a page that may be let go, if it is as it was made by then. */
  add(page: Page): void {
    this.#pages.push(page);
  }

  /** Lets go of what nobody needs. Not while anybody has a place of such a page in hand: between two calls. */
  sweep(): void {
    if (this.#pages.length <= MOST) return;
    for (const page of this.#pages) if (page.isAsMade) page.run.drop(page);
    this.#pages = [];
  }
}
