import { equal, isObject, type Json, type JsonObject } from "../object/json.ts";
import { memberSchema, type Schema } from "../schema/schema.ts";

const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";

function mergeKeyOf(schema: Schema | undefined): string | undefined {
  return schema?.["x-kubernetes-patch-strategy"] === "merge" ? schema["x-kubernetes-patch-merge-key"] : undefined;
}

function keyed(item: Json, key: string): Json | undefined {
  return isObject(item) ? item[key] : undefined;
}

function mergeObjects(target: JsonObject, patch: JsonObject, items: Schema | undefined): Json {
  return strategicMergePatch(target, patch, items);
}

function mergeKeyedList(
  target: readonly Json[],
  patch: readonly Json[],
  key: string,
  items: Schema | undefined,
): Json[] {
  if (patch.some((item) => isObject(item) && item["$patch"] === "replace" && item[key] === undefined)) {
    return patch.filter((item) => !(isObject(item) && item["$patch"] === "replace"));
  }
  let result = [...target];
  for (const item of patch) {
    if (!isObject(item)) continue;
    const same = (other: Json): boolean => equal(keyed(other, key), item[key]);
    if (item["$patch"] === "delete") {
      result = result.filter((other) => !same(other));
      continue;
    }
    const index = result.findIndex(same);
    const existing = result[index];
    if (isObject(existing)) result[index] = mergeObjects(existing, item, items);
    else result.push(mergeObjects({}, item, items));
  }
  return result;
}

/** Puts listed items in the order asked for; items the order does not know keep their place before the next known one. */
function reorder(list: Json[], order: readonly Json[], key: string | undefined): Json[] {
  const rank = (item: Json): number =>
    order.findIndex((wanted) =>
      key === undefined ? equal(wanted, item) : equal(keyed(wanted, key), keyed(item, key)),
    );
  const known = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  let next = 0;
  return list.map((item) => (rank(item) < 0 ? item : (known[next++] ?? item)));
}

function mergeList(target: Json | undefined, patch: readonly Json[], schema: Schema | undefined): Json[] {
  const before = Array.isArray(target) ? target : [];
  const key = mergeKeyOf(schema);
  if (key !== undefined) return mergeKeyedList(before, patch, key, schema?.items);
  if (schema?.["x-kubernetes-patch-strategy"] !== "merge") return [...patch];
  return [...before, ...patch.filter((item) => !before.some((other) => equal(other, item)))];
}

/**
 * Applies a strategic merge patch: objects merge, lists with a merge key merge by it, others are replaced; the directives
 * `$patch`, `$setElementOrder`, `$deleteFromPrimitiveList` and `$retainKeys` are obeyed.
 */
export function strategicMergePatch(target: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  if (patch["$patch"] === "replace") {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  if (patch["$patch"] === "delete") return {};
  const result: JsonObject = { ...target };
  const retain = patch["$retainKeys"];
  if (Array.isArray(retain)) {
    for (const key of Object.keys(result)) if (!retain.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === "$patch" || key === "$retainKeys" || key.startsWith(orderPrefix)) continue;
    if (key.startsWith(deletePrefix)) {
      const name = key.slice(deletePrefix.length);
      const existing = result[name];
      if (Array.isArray(existing) && Array.isArray(value)) {
        result[name] = existing.filter((item) => !value.some((gone) => equal(gone, item)));
      }
      continue;
    }
    const member = memberSchema(schema, key);
    const existing = result[key];
    if (value === null) delete result[key];
    else if (Array.isArray(value)) result[key] = mergeList(existing, value, member);
    else if (isObject(value)) result[key] = strategicMergePatch(isObject(existing) ? existing : {}, value, member);
    else result[key] = value;
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix) || !Array.isArray(value)) continue;
    const name = key.slice(orderPrefix.length);
    const list = result[name];
    if (Array.isArray(list)) result[name] = reorder(list, value, mergeKeyOf(memberSchema(schema, name)));
  }
  return result;
}
