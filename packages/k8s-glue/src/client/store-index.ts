import type { ObjectKey } from "@herald-lb/k8s-glue/objects";

/** The keys of objects by a value that the objects have. */
export interface StoreIndex {
  readonly add: (value: string, key: ObjectKey) => void;
  readonly remove: (value: string, key: ObjectKey) => void;
  /** The keys under a value, in the order in which they were added. */
  readonly keys: (value: string) => readonly ObjectKey[];
}

/** Creates an empty index. Most values have one key, which stands without a set of its own: a set takes 200 octets. */
export function createIndex(): StoreIndex {
  const entries = new Map<string, ObjectKey | Set<ObjectKey>>();
  return {
    add(value, key) {
      const present = entries.get(value);
      if (present === undefined) entries.set(value, key);
      else if (present instanceof Set) present.add(key);
      else if (present !== key) entries.set(value, new Set([present, key]));
    },
    remove(value, key) {
      const present = entries.get(value);
      if (present instanceof Set) {
        present.delete(key);
        if (present.size === 0) entries.delete(value);
      } else if (present === key) entries.delete(value);
    },
    keys(value) {
      const present = entries.get(value);
      if (present === undefined) return [];
      return present instanceof Set ? [...present] : [present];
    },
  };
}
