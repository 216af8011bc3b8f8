import { isObject, type Json } from "../object/json.ts";
import { memberSchema, type Schema } from "./schema.ts";

const embedded = new Set(["apiVersion", "kind", "metadata"]);

/** Removes members that a structural schema does not know, in place. Gives their paths, for strict field validation. */
export function pruneUnknown(value: Json, schema: Schema, path = ""): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined
      ? []
      : value.flatMap((item, index) => pruneUnknown(item, items, `${path}[${String(index)}]`));
  }
  if (!isObject(value)) return [];
  const unknown: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if ((path === "" || schema["x-kubernetes-embedded-resource"] === true) && embedded.has(key)) continue;
    const declared = memberSchema(schema, key);
    const at = path === "" ? key : `${path}.${key}`;
    if (declared !== undefined) unknown.push(...pruneUnknown(member, declared, at));
    else if (schema["x-kubernetes-preserve-unknown-fields"] !== true && schema.additionalProperties !== true) {
      delete value[key];
      unknown.push(at);
    }
  }
  return unknown;
}
