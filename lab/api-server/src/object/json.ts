/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object; Kubernetes objects are carried in this form, unknown fields and all. */
export interface JsonObject {
  [key: string]: Json;
}

/** Tells whether a value is a JSON object (not an array, not null). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, or undefined where any step is missing. */
export function valueAt(from: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here: Json | undefined = from;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** The object at a path, or an empty one that is not attached to `from`. */
export function objectAt(from: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(from, ...path);
  return isObject(found) ? found : {};
}

/** The array at a path, or an empty one that is not attached to `from`. */
export function arrayAt(from: Json | undefined, ...path: readonly string[]): Json[] {
  const found = valueAt(from, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string at a path, or "". */
export function stringAt(from: Json | undefined, ...path: readonly string[]): string {
  const found = valueAt(from, ...path);
  return typeof found === "string" ? found : "";
}

/** The strings of the array at a path; other items are left out. */
export function stringsAt(from: Json | undefined, ...path: readonly string[]): string[] {
  return arrayAt(from, ...path).filter((item) => typeof item === "string");
}

/** The number at a path, or undefined. */
export function numberAt(from: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = valueAt(from, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The object under `key`, made and attached where there is none. */
export function ensureObject(within: JsonObject, key: string): JsonObject {
  const found = within[key];
  if (isObject(found)) return found;
  const made: JsonObject = {};
  within[key] = made;
  return made;
}

/** Sets a key, or removes it when the value is undefined. */
export function setOrDelete(within: JsonObject, key: string, value: Json | undefined): void {
  if (value === undefined) delete within[key];
  else within[key] = value;
}

/** Equality by value; the order of an object's keys does not count. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** A deep copy. */
export function clone<T extends Json>(value: T): T {
  return structuredClone(value);
}

/** JSON text with sorted keys: equal values give equal text. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
    .join(",")}}`;
}
