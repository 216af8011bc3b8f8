import { clone, isObject, type Json } from "../object/json.ts";
import { memberSchema, type Schema } from "./schema.ts";

/** Fills in the defaults of a structural schema, in place; a null where null is not allowed but a default exists is replaced. */
export function applyDefaults(value: Json, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    if (member.default === undefined) continue;
    if (value[key] === undefined || (value[key] === null && member.nullable !== true))
      value[key] = clone(member.default);
  }
  for (const [key, member] of Object.entries(value)) {
    const declared = memberSchema(schema, key);
    if (declared !== undefined) applyDefaults(member, declared);
  }
}
