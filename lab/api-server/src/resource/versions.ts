import { isObject, type Json, type JsonObject, setOrDelete, stringAt } from "../object/json.ts";
import { apiVersionOf, type Resource } from "./resource.ts";

// An Event is stored as core/v1 has it; events.k8s.io/v1 reads it under these names.
const eventNames: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];

function rename(object: JsonObject, pairs: readonly (readonly [string, string])[]): JsonObject {
  const result = { ...object };
  for (const [from, to] of pairs) {
    const value = result[from];
    if (value === undefined) continue;
    delete result[from];
    setOrDelete(result, to, value);
  }
  return result;
}

/** The stored object as a resource's version shows it. */
export function toServed(resource: Resource, stored: JsonObject): JsonObject {
  // The real server's Event writes these even where nobody set them.
  const event =
    resource.storedAs === undefined ? stored : { firstTimestamp: null, lastTimestamp: null, source: {}, ...stored };
  const object = resource.group === "events.k8s.io" ? rename(event, eventNames) : event;
  const apiVersion = apiVersionOf(resource);
  return stringAt(object, "apiVersion") === apiVersion ? object : { ...object, apiVersion };
}

/** An object as it is stored. */
export function toStored(resource: Resource, object: JsonObject): JsonObject {
  if (resource.group === "events.k8s.io")
    return {
      ...rename(
        object,
        eventNames.map(([core, served]) => [served, core]),
      ),
      apiVersion: "v1",
    };
  if (resource.custom === undefined) return object;
  return { ...object, apiVersion: apiVersionOf({ group: resource.group, version: resource.custom.storageVersion }) };
}

/** Removes nulls of members, as a typed decoder does for built-in kinds. */
export function dropNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, dropNulls(member)]),
  );
}
