import { canonical, equal, isObject, type Json, type JsonObject } from "../object/json.ts";
import { memberSchema, type Schema } from "../schema/schema.ts";
import { emptyFieldSet, type FieldSet, isEmpty } from "./field-set.ts";

/** The way in which the schema lets managers share a value. */
export type Shape = "leaf" | "object" | "keyed" | "set";

/** Reads from the schema if a value is owned as a whole, by its members, or by its items. */
export function shapeOf(value: Json | undefined, schema: Schema | undefined): Shape {
  if (isObject(value))
    return schema?.["x-kubernetes-map-type"] === "atomic" ||
      (schema?.["x-kubernetes-preserve-unknown-fields"] === true &&
        schema.properties === undefined &&
        schema.type === undefined)
      ? "leaf"
      : "object";
  if (!Array.isArray(value)) return "leaf";
  const list = schema?.["x-kubernetes-list-type"];
  if (list === "map") return "keyed";
  return list === "set" ? "set" : "leaf";
}

/** The path element of an item of a keyed list. Defaults of missing keys are filled in. */
export function keyElement(item: Json, schema: Schema | undefined): string {
  const key: JsonObject = {};
  for (const name of schema?.["x-kubernetes-list-map-keys"] ?? []) {
    const value = (isObject(item) ? item[name] : undefined) ?? memberSchema(schema?.items, name)?.default;
    if (value !== undefined) key[name] = value;
  }
  return `k:${canonical(key)}`;
}

/** One step into a value: its path element, the member and its schema. */
export interface Member {
  readonly element: string;
  readonly value: Json;
  readonly schema: Schema | undefined;
}

/** The parts of a granular value, each with its path element. */
export function membersOf(value: Json | undefined, schema: Schema | undefined): readonly Member[] {
  if (isObject(value))
    return Object.entries(value).map(([key, member]) => ({
      element: `f:${key}`,
      value: member,
      schema: memberSchema(schema, key),
    }));
  if (!Array.isArray(value)) return [];
  const keyed = schema?.["x-kubernetes-list-type"] === "map";
  return value.map((item) => ({
    element: keyed ? keyElement(item, schema) : `v:${canonical(item)}`,
    value: item,
    schema: schema?.items,
  }));
}

/** The paths that an applied configuration claims. */
export function fieldsOf(value: Json, schema: Schema | undefined): FieldSet {
  const shape = shapeOf(value, schema);
  if (shape === "leaf") return { member: true, children: new Map() };
  const children = new Map<string, FieldSet>();
  for (const member of membersOf(value, schema)) {
    const child = fieldsOf(member.value, member.schema);
    const claimed =
      child.member ||
      shape !== "object" ||
      member.value === null ||
      (isObject(member.value) && Object.keys(member.value).length === 0);
    const node: FieldSet = { member: claimed, children: child.children };
    if (!isEmpty(node)) children.set(member.element, node);
  }
  return { member: false, children };
}

/** The difference between two versions of an object: paths that are new or changed, and paths that are missing. */
export interface FieldDifference {
  readonly written: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two values by the paths that managers own. */
export function compareFields(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
): FieldDifference {
  const none: FieldDifference = { written: emptyFieldSet, removed: emptyFieldSet };
  if (equal(before, after)) return none;
  const shapes = [before, after].filter((value) => value !== undefined).map((value) => shapeOf(value, schema));
  const self = { written: before === undefined, removed: after === undefined };
  if (shapes.includes("leaf")) {
    const leaf: FieldSet = { member: true, children: new Map() };
    return after === undefined ? { written: emptyFieldSet, removed: leaf } : { written: leaf, removed: emptyFieldSet };
  }
  const old = new Map(membersOf(before, schema).map((member) => [member.element, member]));
  const fresh = new Map(membersOf(after, schema).map((member) => [member.element, member]));
  const written = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  for (const element of new Set([...old.keys(), ...fresh.keys()])) {
    const was = old.get(element);
    const is = fresh.get(element);
    const child = compareFields(was?.value, is?.value, (is ?? was)?.schema);
    if (!isEmpty(child.written)) written.set(element, child.written);
    if (!isEmpty(child.removed)) removed.set(element, child.removed);
  }
  return { written: { member: self.written, children: written }, removed: { member: self.removed, children: removed } };
}
