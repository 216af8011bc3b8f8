import type { KubernetesObject, ObjectMeta } from "@herald-lb/k8s-glue/objects";
import { createSharedValues } from "./shared-values.ts";

/**
 * The fields of an object that a cache keeps, one entry for each field that the type declares: `"Kept"` whole, `"Shared"` whole and as one
 * object for all that have an equal value, `"Dropped"`, or the fields of that field. For a list these are the fields of each element, and
 * equal elements and lists are one object. Fields that the type does not declare are dropped.
 */
export type KeptFields<T> = {
  readonly [Field in keyof Required<T>]: "Kept" | "Shared" | "Dropped" | KeptFields<PartsOf<NonNullable<T[Field]>>>;
};

type PartsOf<T> = T extends readonly (infer Element)[] ? Element : T;

/** Any entries, as they are walked through. */
interface Entries {
  readonly [field: string]: "Kept" | "Shared" | "Dropped" | Entries;
}
type Fields = Readonly<Record<string, unknown>>;

/** The metadata that every cache needs: the key, and what tells one version of an object from another. */
export const identityFields: KeptFields<ObjectMeta> = {
  name: "Kept",
  namespace: "Shared",
  uid: "Kept",
  resourceVersion: "Kept",
  generateName: "Dropped",
  generation: "Dropped",
  creationTimestamp: "Dropped",
  deletionTimestamp: "Dropped",
  labels: "Dropped",
  annotations: "Dropped",
  finalizers: "Dropped",
  ownerReferences: "Dropped",
  managedFields: "Dropped",
};

/**
 * Creates the `transform` of a cache that keeps these fields of each object. Of annotations that are kept, only those with one of the
 * prefixes stay. What it returns has no part in the object that it was given, except values that are kept whole.
 */
export function createTransform<T extends KubernetesObject>(
  fields: KeptFields<T>,
  { annotations = [] }: { readonly annotations?: readonly string[] } = {},
): (object: T) => T {
  const { share } = createSharedValues();
  const pick = (value: Fields, entries: readonly (readonly [string, Entries[string]])[]): Fields => {
    const picked: Record<string, unknown> = {};
    for (const [field, kept] of entries) {
      const present = value[field];
      if (present === undefined || present === null || kept === "Dropped") continue;
      if (kept === "Kept") picked[field] = present;
      else if (kept === "Shared") picked[field] = share(present);
      else if (Array.isArray(present))
        picked[field] = share(present.map((element: Fields) => share(pick(element, entriesOf(kept)))));
      else if (typeof present === "object") picked[field] = pick(present as Fields, entriesOf(kept));
    }
    return picked;
  };
  const entriesOf = memoized((kept: Entries) => Object.entries(kept));
  const whole = entriesOf(fields as unknown as Entries);
  return (object) => {
    const kept = pick(object as unknown as Fields, whole) as unknown as T;
    const own = kept.metadata?.annotations;
    if (own === undefined) return kept;
    const read = Object.entries(own).filter(([name]) => annotations.some((prefix) => name.startsWith(prefix)));
    const { annotations: _, ...metadata } = kept.metadata ?? {};
    return { ...kept, metadata: read.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(read) } };
  };
}

function memoized<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
