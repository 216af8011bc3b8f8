/** The comparison of two values where containment is not enough; paths are dotted, `"status.loadBalancer"`. */
export interface FieldComparison {
  /**
   * Fields that this manager owns alone: what the live object has there beyond the wanted value is a difference, also where nothing
   * is wanted. Defaults that the server fills in below them must be wanted explicitly (`ipMode: "VIP"`).
   */
  readonly exact?: readonly string[];
  /** Lists that the server merges by keys, as `{"status.conditions": ["type"]}`: elements are matched by key, not by position. */
  readonly listKeys?: Readonly<Record<string, readonly string[]>>;
}

/**
 * True if `live` has everything that `wanted` has, so that a write would change nothing. Other lists must be equal element by
 * element; empty objects, empty lists and null equal an absent field, as the API server omits them.
 */
export function containsFields(live: unknown, wanted: unknown, comparison: FieldComparison = {}): boolean {
  const { exact = [], listKeys = {} } = comparison;
  if (!contains(live, wanted, "", { exact: false, listKeys })) return false;
  return exact.every((path) => contains(valueAt(live, path), valueAt(wanted, path), path, { exact: true, listKeys }));
}

interface Comparing {
  readonly exact: boolean;
  readonly listKeys: Readonly<Record<string, readonly string[]>>;
}

function contains(live: unknown, wanted: unknown, path: string, how: Comparing): boolean {
  if (isAbsent(wanted)) return !how.exact || isAbsent(live);
  if (Array.isArray(wanted)) return Array.isArray(live) && containsList(live, wanted, path, how);
  if (!isObject(wanted)) return live === wanted;
  if (!isObject(live)) return false;
  const names = how.exact ? new Set([...Object.keys(live), ...Object.keys(wanted)]) : Object.keys(wanted);
  for (const name of names) {
    if (!contains(live[name], wanted[name], path === "" ? name : `${path}.${name}`, how)) return false;
  }
  return true;
}

function containsList(live: readonly unknown[], wanted: readonly unknown[], path: string, how: Comparing): boolean {
  // A field may have the name of an inherited property.
  const keys = Object.hasOwn(how.listKeys, path) ? how.listKeys[path] : undefined;
  if (keys === undefined) {
    return (
      live.length === wanted.length &&
      wanted.every((element, index) => containsElement(live[index], element, path, how))
    );
  }
  if (how.exact && live.length !== wanted.length) return false;
  return wanted.every((element) => {
    const match = live.find(
      (other) => isObject(other) && isObject(element) && keys.every((key) => other[key] === element[key]),
    );
    return match !== undefined && contains(match, element, `${path}[]`, how);
  });
}

/** True if an element is equal; an empty element of a list counts as an element. */
function containsElement(live: unknown, wanted: unknown, path: string, how: Comparing): boolean {
  return isAbsent(wanted) ? isAbsent(live) : contains(live, wanted, `${path}[]`, how);
}

function valueAt(value: unknown, path: string): unknown {
  if (path === "") return value;
  return path.split(".").reduce<unknown>((within, name) => (isObject(within) ? within[name] : undefined), value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isAbsent);
}
