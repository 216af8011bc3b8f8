import { applyConflict, type Cause, type Failure } from "../object/failure.ts";
import { equal, isObject, type Json, type JsonObject } from "../object/json.ts";
import { memberSchema, type Schema } from "../schema/schema.ts";
import {
  difference,
  emptyFieldSet,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  sameFields,
  union,
} from "./field-set.ts";
import { isEntryOf, type Manager, managedPart, type Writer } from "./managed-fields.ts";
import { compareFields, fieldsOf, keyElement, membersOf, shapeOf } from "./typed-fields.ts";

/** Merges an applied configuration into what lives: what it names wins, the rest stays. */
function merge(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  const shape = shapeOf(applied, schema);
  if (shape === "leaf" || live === undefined || live === null) return applied;
  if (isObject(applied) && isObject(live)) {
    const result: JsonObject = { ...live };
    for (const [key, value] of Object.entries(applied))
      result[key] = merge(live[key], value, memberSchema(schema, key));
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return applied;
  if (shape === "set") return [...live, ...applied.filter((item) => !live.some((other) => equal(other, item)))];
  const result = [...live];
  for (const item of applied) {
    const element = keyElement(item, schema);
    const index = result.findIndex((other) => keyElement(other, schema) === element);
    if (index < 0) result.push(item);
    else result[index] = merge(result[index], item, schema?.items);
  }
  return result;
}

/** Removes what the manager applied before, does not apply now, and nobody else owns. */
function prune(value: Json, dropped: FieldSet, owned: FieldSet, schema: Schema | undefined): Json {
  const shape = shapeOf(value, schema);
  if (shape === "leaf") return value;
  const gone = new Set<string>();
  const changed = new Map<string, Json>();
  for (const member of membersOf(value, schema)) {
    const drop = dropped.children.get(member.element);
    if (drop === undefined) continue;
    const others = owned.children.get(member.element) ?? emptyFieldSet;
    if (drop.member && isEmpty(others)) gone.add(member.element);
    else changed.set(member.element, prune(member.value, drop, others, member.schema));
  }
  const kept = membersOf(value, schema).filter((member) => !gone.has(member.element));
  if (Array.isArray(value)) return kept.map((member) => changed.get(member.element) ?? member.value);
  return Object.fromEntries(
    kept.map((member) => [member.element.slice(2), changed.get(member.element) ?? member.value]),
  );
}

function describe(path: readonly string[]): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith("f:")) return `.${rest}`;
      return element.startsWith("k:") ? `[${rest.slice(1, -1).replace(/"(\w+)":/g, "$1=")}]` : `[=${rest}]`;
    })
    .join("");
}

function conflictsOf(managers: readonly Manager[], writer: Writer, contested: FieldSet): readonly Cause[] {
  return managers.flatMap((entry) => {
    if (isEntryOf(entry, writer, "Apply")) return [];
    const detail = entry.operation === "Update" ? ` using ${entry.apiVersion}` : "";
    const half = entry.subresource === "" ? "" : ` with subresource "${entry.subresource}"`;
    return pathsOf(intersection(entry.fields, contested)).map((path) => ({
      reason: "FieldManagerConflict",
      message: `conflict with "${entry.manager}"${half}${detail}`,
      field: describe(path),
    }));
  });
}

/** The result of a server-side apply. */
export interface Applied {
  readonly object: JsonObject;
  readonly managers: readonly Manager[];
}

/** One server-side apply: merge, find conflicts, take ownership, remove what the manager gave up. */
export function serverSideApply(
  live: JsonObject | undefined,
  managers: readonly Manager[],
  configuration: JsonObject,
  schema: Schema | undefined,
  writer: Writer,
  options: { readonly force: boolean; readonly ignored: readonly (readonly string[])[] },
): Applied | Failure {
  const claimed = managedPart(fieldsOf(configuration, schema), options.ignored);
  const previous = managers.find((entry) => isEntryOf(entry, writer, "Apply"));
  const merged = merge(live, configuration, schema) as JsonObject;
  const changes = compareFields(live ?? {}, merged, schema);
  const contested = intersection(managedPart(changes.written, options.ignored), claimed);
  const causes = conflictsOf(managers, writer, contested);
  if (causes.length > 0 && !options.force) return applyConflict(causes);
  const others = managers
    .filter((entry) => entry !== previous)
    .map((entry) => ({ ...entry, fields: difference(entry.fields, contested) }));
  const dropped = difference(previous?.fields ?? emptyFieldSet, claimed);
  const owned = others.reduce((set, entry) => union(set, entry.fields), claimed);
  const object = prune(merged, dropped, owned, schema) as JsonObject;
  const removed = compareFields(merged, object, schema).removed;
  const unchanged = previous !== undefined && sameFields(previous.fields, claimed) && equal(live, object);
  return {
    object,
    managers: [
      ...others.map((entry) => ({ ...entry, fields: difference(entry.fields, removed) })),
      { ...writer, operation: "Apply", fields: claimed, time: unchanged ? previous.time : writer.time },
    ],
  };
}
