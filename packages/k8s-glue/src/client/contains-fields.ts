/** How two values are compared where containing is not enough; paths are dotted, `"status.loadBalancer"`. */
export interface FieldComparison {
  /** Fields that are ours alone: what the live object has there beyond the wanted counts as a difference. */
  readonly exact?: readonly string[];
  /** Lists that the server merges by keys, as `{"status.conditions": ["type"]}`: an element is looked for, not a position. */
  readonly listKeys?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Whether `live` already says all that `wanted` says, so that a write would change nothing. Other lists must be equal element by
 * element; empty objects, empty lists and null equal an absent field, as the API server leaves them out.
 */
export function containsFields(live: unknown, wanted: unknown, comparison: FieldComparison = {}): boolean {
  return contains(live, wanted, "", false, comparison);
}

type JsonObject = Readonly<Record<string, unknown>>;

function contains(live: unknown, wanted: unknown, path: string, within: boolean, comparison: FieldComparison): boolean {
  const exact = within || comparison.exact?.includes(path) === true;
  if (isAbsent(wanted)) return !exact || isAbsent(live);
  if (Array.isArray(wanted)) return Array.isArray(live) && containsList(live, wanted, path, exact, comparison);
  if (!isObject(wanted)) return live === wanted;
  if (!isObject(live)) return isAbsent(live) && Object.values(wanted).every(isAbsent);
  const names = exact ? new Set([...Object.keys(live), ...Object.keys(wanted)]) : Object.keys(wanted);
  for (const name of names) {
    if (!contains(live[name], wanted[name], path === "" ? name : `${path}.${name}`, exact, comparison)) return false;
  }
  return true;
}

function containsList(
  live: readonly unknown[],
  wanted: readonly unknown[],
  path: string,
  exact: boolean,
  comparison: FieldComparison,
): boolean {
  const keys = comparison.listKeys?.[path];
  if (keys === undefined) {
    return (
      live.length === wanted.length &&
      wanted.every((element, index) => contains(live[index], element, path, exact, comparison))
    );
  }
  if (exact && live.length !== wanted.length) return false;
  return wanted.every((element) => {
    const match = live.find(
      (other) => isObject(other) && isObject(element) && keys.every((key) => other[key] === element[key]),
    );
    return match !== undefined && contains(match, element, `${path}[]`, exact, comparison);
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isAbsent);
}
