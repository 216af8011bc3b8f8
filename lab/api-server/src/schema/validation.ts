import type { Cause } from "../object/failure.ts";
import { canonical, equal, isObject, type Json } from "../object/json.ts";
import { matchesFormat } from "./format.ts";
import { memberSchema, type Schema } from "./schema.ts";

const quoted = (value: Json): string => (typeof value === "string" ? JSON.stringify(value) : canonical(value));

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function rightType(value: Json, schema: Schema): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) return typeof value === "string" || Number.isInteger(value);
  if (schema.type === undefined) return true;
  const actual = typeOf(value);
  return actual === schema.type || (schema.type === "number" && actual === "integer");
}

const bad = (field: string, message: string): Cause => ({ reason: "FieldValueInvalid", message, field });
const invalidValue = (field: string, value: Json, why: string): Cause =>
  bad(field, `Invalid value: ${quoted(value)}: ${why}`);

function checkString(value: string, schema: Schema, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    causes.push({
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${String(schema.maxLength)} bytes`,
      field: at,
    });
  }
  if (schema.minLength !== undefined && length < schema.minLength)
    causes.push(invalidValue(at, value, `${at} in body should be at least ${String(schema.minLength)} chars long`));
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value))
    causes.push(invalidValue(at, value, `${at} in body should match '${schema.pattern}'`));
  if (schema.format !== undefined && !matchesFormat(value, schema.format))
    causes.push(invalidValue(at, value, `${at} in body must be of type ${schema.format}: ${quoted(value)}`));
  return causes;
}

function checkNumber(value: number, schema: Schema, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    causes.push(
      invalidValue(
        at,
        value,
        `${at} in body should be greater than${schema.exclusiveMinimum === true ? "" : " or equal to"} ${String(minimum)}`,
      ),
    );
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    causes.push(
      invalidValue(
        at,
        value,
        `${at} in body should be less than${schema.exclusiveMaximum === true ? "" : " or equal to"} ${String(maximum)}`,
      ),
    );
  }
  if (multipleOf !== undefined && value % multipleOf !== 0)
    causes.push(invalidValue(at, value, `${at} in body should be a multiple of ${String(multipleOf)}`));
  return causes;
}

function duplicates(value: readonly Json[], schema: Schema, at: string): readonly Cause[] {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map" && schema.uniqueItems !== true) return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const keys = schema["x-kubernetes-list-map-keys"] ?? [];
    const identity: Json =
      kind === "map" && isObject(item) ? Object.fromEntries(keys.map((key) => [key, item[key] ?? null])) : item;
    const text = canonical(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [
      {
        reason: "FieldValueDuplicate",
        message: `Duplicate value: ${quoted(identity)}`,
        field: `${at}[${String(index)}]`,
      },
    ];
  });
}

function checkArray(value: readonly Json[], schema: Schema, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  const { items, maxItems, minItems } = schema;
  if (maxItems !== undefined && value.length > maxItems) {
    causes.push({
      reason: "FieldValueTooMany",
      message: `Too many: ${String(value.length)}: must have at most ${String(maxItems)} items`,
      field: at,
    });
  }
  if (minItems !== undefined && value.length < minItems)
    causes.push(invalidValue(at, value.length, `${at} in body should have at least ${String(minItems)} items`));
  if (items !== undefined)
    value.forEach((item, index) => causes.push(...validate(item, items, `${at}[${String(index)}]`)));
  return [...causes, ...duplicates(value, schema, at)];
}

function checkObject(value: { readonly [key: string]: Json }, schema: Schema, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  const count = Object.keys(value).length;
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    causes.push({
      reason: "FieldValueTooMany",
      message: `Too many: ${String(count)}: must have at most ${String(schema.maxProperties)} items`,
      field: at,
    });
  }
  if (schema.minProperties !== undefined && count < schema.minProperties)
    causes.push(
      invalidValue(at, count, `${at} in body should have at least ${String(schema.minProperties)} properties`),
    );
  for (const key of schema.required ?? []) {
    if (value[key] === undefined)
      causes.push({ reason: "FieldValueRequired", message: "Required value", field: at === "" ? key : `${at}.${key}` });
  }
  for (const [key, member] of Object.entries(value)) {
    const declared = memberSchema(schema, key);
    if (declared === undefined) continue;
    // A member is told by its name where the schema declares it, in brackets where it is a map's.
    const step = schema.properties?.[key] === undefined ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
    causes.push(...validate(member, declared, step));
  }
  return causes;
}

function checkJunctors(value: Json, schema: Schema, at: string): readonly Cause[] {
  const fits = (branch: Schema): boolean => validate(value, branch, at).length === 0;
  const causes: Cause[] = (schema.allOf ?? []).flatMap((branch) => validate(value, branch, at));
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits))
    causes.push(invalidValue(at, value, `${at} in body must validate at least one schema (anyOf)`));
  if (schema.oneOf !== undefined && schema.oneOf.filter(fits).length !== 1)
    causes.push(invalidValue(at, value, `${at} in body must validate one and only one schema (oneOf)`));
  if (schema.not !== undefined && fits(schema.not))
    causes.push(invalidValue(at, value, `${at} in body must not validate the schema (not)`));
  return causes;
}

/** Checks a value against a structural schema; every refusal, not only the first. `x-kubernetes-validations` (CEL) is not evaluated. */
export function validate(value: Json, schema: Schema, at = ""): readonly Cause[] {
  if (value === null && schema.nullable === true) return [];
  if (!rightType(value, schema)) {
    const wanted = schema["x-kubernetes-int-or-string"] === true ? "integer,string" : (schema.type ?? "");
    return [
      {
        reason: "FieldValueTypeInvalid",
        message: `Invalid value: ${JSON.stringify(typeOf(value))}: ${at} in body must be of type ${wanted}: ${JSON.stringify(typeOf(value))}`,
        field: at,
      },
    ];
  }
  const causes: Cause[] = [];
  if (schema.enum !== undefined && !schema.enum.some((allowed) => equal(allowed, value))) {
    causes.push({
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${quoted(value)}: supported values: ${schema.enum.map((allowed) => quoted(allowed)).join(", ")}`,
      field: at,
    });
  }
  if (typeof value === "string") causes.push(...checkString(value, schema, at));
  else if (typeof value === "number") causes.push(...checkNumber(value, schema, at));
  else if (Array.isArray(value)) causes.push(...checkArray(value, schema, at));
  else if (isObject(value)) causes.push(...checkObject(value, schema, at));
  return [...causes, ...checkJunctors(value, schema, at)];
}
