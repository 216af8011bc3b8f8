const none: ReadonlySet<never> = new Set();

/** A map from each key to a set of values; a key without values takes no memory. */
export class MultiMap<Key, Value> {
  readonly #entries = new Map<Key, Set<Value>>();

  /** The values of a key. */
  get(key: Key): ReadonlySet<Value> {
    return this.#entries.get(key) ?? none;
  }

  /** Adds a value to a key. */
  add(key: Key, value: Value): void {
    const values = this.#entries.get(key);
    if (values === undefined) this.#entries.set(key, new Set([value]));
    else values.add(value);
  }

  /** Removes a value from a key. */
  remove(key: Key, value: Value): void {
    const values = this.#entries.get(key);
    values?.delete(value);
    if (values?.size === 0) this.#entries.delete(key);
  }
}
