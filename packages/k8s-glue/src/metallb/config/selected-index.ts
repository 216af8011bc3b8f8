import type { LabelSelector } from "@herald-lb/k8s-glue/objects";
import type { Selectors } from "./configuration.ts";

/** A label that every match of a list of selectors has, with one of these values. */
interface RequiredLabel {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Items with selectors, indexed by the labels that they require: a thousand items that each select a node by name need not be
 * compared pairwise. A look-up may return items that do not overlap, and misses none that do.
 */
export class SelectedIndex<Item> {
  readonly #others: Item[] = [];
  readonly #byLabel = new Map<string, Map<string, Item[]>>();

  /** Adds an item. */
  add(item: Item, selectors: Selectors): void {
    const required = requiredLabelOf(selectors);
    if (required === null) {
      this.#others.push(item);
      return;
    }
    const byValue = this.#byLabel.get(required.key) ?? new Map<string, Item[]>();
    this.#byLabel.set(required.key, byValue);
    for (const value of required.values) {
      const items = byValue.get(value);
      if (items === undefined) byValue.set(value, [item]);
      else items.push(item);
    }
  }

  /** The items whose selectors may overlap these, in no order. */
  candidates(selectors: Selectors): ReadonlySet<Item> {
    const required = requiredLabelOf(selectors);
    const found = new Set(this.#others);
    for (const [key, byValue] of this.#byLabel) {
      const values = required?.key === key ? required.values : byValue.keys();
      for (const value of values) for (const item of byValue.get(value) ?? []) found.add(item);
    }
    return found;
  }
}

/** The first label, by its key, that every selector of the list requires by `matchLabels`; null without one. */
function requiredLabelOf(selectors: Selectors): RequiredLabel | null {
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
