import type { LabelSelector } from "@herald-lb/k8s-glue/objects";
import type { Selectors } from "./configuration.ts";

/** A label that something has if any of a list's selectors matches it, with one of these values. */
interface Pin {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Things that select by labels, found by whom they may meet: a thousand that select a node each by its name need not be compared each
 * with each. It may find some that do not meet, and leaves out none that do.
 */
export class SelectedIndex<Item> {
  readonly #unpinned: Item[] = [];
  readonly #pinned = new Map<string, Map<string, Item[]>>();

  /** Puts an item in. */
  add(item: Item, selectors: Selectors): void {
    const pin = pinOf(selectors);
    if (pin === null) {
      this.#unpinned.push(item);
      return;
    }
    const byValue = this.#pinned.get(pin.key) ?? new Map<string, Item[]>();
    this.#pinned.set(pin.key, byValue);
    for (const value of pin.values) {
      const items = byValue.get(value);
      if (items === undefined) byValue.set(value, [item]);
      else items.push(item);
    }
  }

  /** Those that may select what these selectors select, in no order. */
  candidates(selectors: Selectors): ReadonlySet<Item> {
    const pin = pinOf(selectors);
    const found = new Set(this.#unpinned);
    for (const [key, byValue] of this.#pinned) {
      const values = pin?.key === key ? pin.values : byValue.keys();
      for (const value of values) for (const item of byValue.get(value) ?? []) found.add(item);
    }
    return found;
  }
}

/** The first label, by its key, that every selector of the list asks for by `matchLabels`; null where there is none. */
function pinOf(selectors: Selectors): Pin | null {
  const [first, ...rest] = selectors ?? [];
  if (first === undefined) return null;
  for (const key of Object.keys(first.matchLabels ?? {}).toSorted()) {
    const values = [first, ...rest].flatMap((selector) => valueOf(selector, key));
    if (values.length === rest.length + 1) return { key, values: [...new Set(values)] };
  }
  return null;
}

function valueOf({ matchLabels = {} }: LabelSelector, key: string): readonly string[] {
  const value = Object.hasOwn(matchLabels, key) ? matchLabels[key] : undefined;
  return value === undefined ? [] : [value];
}
