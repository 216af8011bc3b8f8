/** The number of values that are remembered; the pool begins anew then. What it handed out before stays valid. */
const CAPACITY = 4_096;

/** A pool that hands out one object for values that are equal as JSON, so that a cache holds a common value once. */
export interface SharedValues {
  /** Returns the value of the pool that equals this one, which joins the pool if there is none. Never change what it returns. */
  readonly share: <T>(value: T) => T;
}

/** Creates an empty pool. */
export function createSharedValues(): SharedValues {
  const values = new Map<string, unknown>();
  return {
    share<T>(value: T): T {
      if (value === undefined || value === null || typeof value === "number" || typeof value === "boolean")
        return value;
      const text = typeof value === "string" ? value : JSON.stringify(value);
      // A string and a list that is written like it are different values.
      const key = typeof value === "string" ? `"${text}` : text;
      const known = values.get(key);
      if (known !== undefined) return known as T;
      if (values.size >= CAPACITY) values.clear();
      values.set(key, value);
      return value;
    },
  };
}
