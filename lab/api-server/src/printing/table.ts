import { type Json, type JsonObject, objectAt } from "../object/json.ts";
import type { Resource } from "../resource/resource.ts";
import { columnsFor } from "./columns.ts";

/** The part of its object that a row of a Table carries. */
export type IncludeObject = "None" | "Metadata" | "Object";

function included(object: JsonObject, include: IncludeObject): Json {
  if (include === "None") return null;
  if (include === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: objectAt(object, "metadata") };
}

/** `meta.k8s.io/v1` Table of some objects; `metadata` is the list's. */
export function tableOf(
  resource: Resource,
  objects: readonly JsonObject[],
  metadata: JsonObject,
  include: IncludeObject,
  now: number,
): JsonObject {
  const columns = columnsFor(resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, type, format, priority }) => ({
      name,
      type,
      format,
      description: "",
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      object: included(object, include),
    })),
  };
}
