/** The greatest number of values in a table of interned ones. */
const CAPACITY = 8_192;

/**
 * The value under `key`, made where it is not there. A full table is emptied: values are compared by their keys as well, so that one that
 * is made again costs time and nothing else, and nobody has to count who uses a value.
 */
export function interned<Key, Value>(table: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = table.get(key);
  if (known !== undefined) return known;
  if (table.size >= CAPACITY) table.clear();
  const value = make();
  table.set(key, value);
  return value;
}
