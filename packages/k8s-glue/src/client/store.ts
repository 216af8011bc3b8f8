import { keyOf, type KubernetesObject, type ObjectKey } from "@herald-lb/k8s-glue/objects";
import { createIndex } from "./store-index.ts";

/** Returns the values of an index that an object stands under; none leaves it out of that index. */
export type Indexer<T> = (object: T) => readonly string[];

/** One difference that a write to the store made. */
export type StoreChange<T> =
  | { readonly type: "Added"; readonly key: ObjectKey; readonly object: T }
  | { readonly type: "Updated"; readonly key: ObjectKey; readonly object: T; readonly previous: T }
  | { readonly type: "Deleted"; readonly key: ObjectKey; readonly object: T };

/** The cache as its readers see it. Objects are shared: never change one. */
export interface StoreReader<T extends KubernetesObject> {
  readonly get: (key: ObjectKey) => T | undefined;
  readonly list: () => readonly T[];
  readonly keys: () => readonly ObjectKey[];
  readonly size: number;
  /** The objects under a value of a named index; throws for an index that was not declared. */
  readonly byIndex: (index: string, value: string) => readonly T[];
}

/** A cache of objects by key, with indexes that follow every write. */
export interface Store<T extends KubernetesObject> extends StoreReader<T> {
  /** Adds or replaces; null when the very same version is there already. */
  readonly put: (object: T) => StoreChange<T> | null;
  /** Removes by the object's key; null when there was none. */
  readonly remove: (object: T) => StoreChange<T> | null;
  /** Makes the store hold exactly these, and returns the differences: additions, updates, then what is gone. */
  readonly replace: (objects: readonly T[]) => readonly StoreChange<T>[];
}

/** Makes an empty store. */
export function createStore<T extends KubernetesObject>(indexers: Readonly<Record<string, Indexer<T>>> = {}): Store<T> {
  const objects = new Map<ObjectKey, T>();
  const indexes = new Map(Object.entries(indexers).map(([name, indexer]) => [name, { indexer, index: createIndex() }]));

  const reindex = (key: ObjectKey, previous: T | undefined, next: T | undefined): void => {
    for (const { indexer, index } of indexes.values()) {
      for (const value of previous === undefined ? [] : indexer(previous)) index.remove(value, key);
      for (const value of next === undefined ? [] : indexer(next)) index.add(value, key);
    }
  };

  const put = (object: T): StoreChange<T> | null => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (previous !== undefined && isSameVersion(previous, object)) return null;
    objects.set(key, object);
    reindex(key, previous, object);
    return previous === undefined ? { type: "Added", key, object } : { type: "Updated", key, object, previous };
  };

  const removeKey = (key: ObjectKey, last: T | undefined): StoreChange<T> | null => {
    const previous = objects.get(key);
    if (previous === undefined) return null;
    objects.delete(key);
    reindex(key, previous, undefined);
    return { type: "Deleted", key, object: last ?? previous };
  };

  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    keys: () => [...objects.keys()],
    get size() {
      return objects.size;
    },
    byIndex(index, value) {
      const found = indexes.get(index);
      if (found === undefined) throw new Error(`no index "${index}" was declared`);
      return found.index.keys(value).flatMap((key) => objects.get(key) ?? []);
    },
    put,
    remove: (object) => removeKey(keyOf(object), object),
    replace(wanted) {
      const keep = new Set(wanted.map(keyOf));
      const changes = wanted.flatMap((object) => put(object) ?? []);
      const gone = [...objects.keys()]
        .filter((key) => !keep.has(key))
        .flatMap((key) => removeKey(key, undefined) ?? []);
      return [...changes, ...gone];
    },
  };
}

function isSameVersion(a: KubernetesObject, b: KubernetesObject): boolean {
  const version = a.metadata?.resourceVersion;
  return version !== undefined && version === b.metadata?.resourceVersion && a.metadata?.uid === b.metadata?.uid;
}
