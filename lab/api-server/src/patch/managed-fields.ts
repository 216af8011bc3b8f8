import { arrayAt, isObject, type Json, type JsonObject, objectAt, stringAt } from "../object/json.ts";
import type { Schema } from "../schema/schema.ts";
import {
  decodeFieldSet,
  difference,
  encodeFieldSet,
  type FieldSet,
  isEmpty,
  sameFields,
  union,
  without,
} from "./field-set.ts";
import { compareFields } from "./typed-fields.ts";

/** One entry of `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly fields: FieldSet;
}

const unmanaged: readonly (readonly string[])[] = [
  ["f:apiVersion"],
  ["f:kind"],
  ...[
    "name",
    "namespace",
    "generateName",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ].map((field) => ["f:metadata", `f:${field}`]),
];

/** Without the fields that the server owns, and without those that the written half (main or status) cannot change. */
export function managedPart(fields: FieldSet, ignored: readonly (readonly string[])[]): FieldSet {
  const stripped = [...unmanaged, ...ignored].reduce((set, path) => without(set, path), fields);
  // `metadata` itself belongs to nobody.
  const children = new Map(stripped.children);
  const metadata = children.get("f:metadata");
  if (metadata !== undefined) {
    if (metadata.children.size === 0) children.delete("f:metadata");
    else children.set("f:metadata", { member: false, children: metadata.children });
  }
  return { member: false, children };
}

/** Reads `metadata.managedFields`. */
export function managersOf(object: Json | undefined): readonly Manager[] {
  return arrayAt(object, "metadata", "managedFields")
    .filter(isObject)
    .map((entry) => ({
      manager: stringAt(entry, "manager"),
      operation: entry["operation"] === "Apply" ? "Apply" : "Update",
      subresource: stringAt(entry, "subresource"),
      apiVersion: stringAt(entry, "apiVersion"),
      time: stringAt(entry, "time"),
      fields: decodeFieldSet(objectAt(entry, "fieldsV1")),
    }));
}

/** Writes `metadata.managedFields`: applied entries first, each half by time, then by name. */
export function encodeManagers(managers: readonly Manager[]): Json[] {
  const rank = (entry: Manager): string =>
    `${entry.operation === "Apply" ? "0" : "1"}${entry.time}${entry.manager}${entry.subresource}`;
  return managers
    .filter((entry) => !isEmpty(entry.fields))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(
      (entry): JsonObject => ({
        manager: entry.manager,
        operation: entry.operation,
        apiVersion: entry.apiVersion,
        time: entry.time,
        fieldsType: "FieldsV1",
        fieldsV1: encodeFieldSet(entry.fields),
        ...(entry.subresource === "" ? {} : { subresource: entry.subresource }),
      }),
    );
}

/** The client that writes. */
export interface Writer {
  readonly manager: string;
  readonly subresource: string;
  readonly apiVersion: string;
  readonly time: string;
}

/** True for the entry of a writer's operation. */
export function isEntryOf(entry: Manager, writer: Writer, operation: "Apply" | "Update"): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === operation &&
    entry.subresource === writer.subresource &&
    entry.apiVersion === writer.apiVersion
  );
}

/**
 * The entries after a write that was not an apply: the writer takes the fields that it changed from their owners. `absent` is the content of
 * an object before it is made.
 */
export function updateManagers(
  managers: readonly Manager[],
  before: JsonObject | undefined,
  after: JsonObject,
  schema: Schema | undefined,
  writer: Writer,
  ignored: readonly (readonly string[])[],
  absent: JsonObject = {},
): readonly Manager[] {
  const base: JsonObject = before ?? { metadata: {}, ...absent };
  const changed = compareFields(base, after, schema);
  const written = managedPart(changed.written, ignored);
  const removed = managedPart(changed.removed, ignored);
  let found = false;
  const next = managers.map((entry): Manager => {
    const left = difference(entry.fields, removed);
    if (!isEntryOf(entry, writer, "Update")) return { ...entry, fields: difference(left, written) };
    found = true;
    const fields = union(left, written);
    return { ...entry, fields, time: sameFields(fields, entry.fields) && isEmpty(written) ? entry.time : writer.time };
  });
  return found || isEmpty(written) ? next : [...next, { ...writer, operation: "Update", fields: written }];
}
