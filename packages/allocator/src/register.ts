const none: ReadonlySet<number> = new Set();

/** Numbers kept under keys; a key without any takes no memory. */
export class Register<Key> {
  readonly #entries = new Map<Key, Set<number>>();

  /** Those under a key. */
  at(key: Key): ReadonlySet<number> {
    return this.#entries.get(key) ?? none;
  }

  /** Adds one under a key. */
  add(key: Key, value: number): void {
    const others = this.#entries.get(key);
    if (others === undefined) this.#entries.set(key, new Set([value]));
    else others.add(value);
  }

  /** Takes one away from a key. */
  remove(key: Key, value: number): void {
    const others = this.#entries.get(key);
    others?.delete(value);
    if (others?.size === 0) this.#entries.delete(key);
  }
}
