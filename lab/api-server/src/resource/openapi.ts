import type { JsonObject } from "../object/json.ts";
import type { Registry } from "./registry.ts";
import { apiVersionOf, type Resource } from "./resource.ts";

const pathOf = (resource: Pick<Resource, "group" | "version">): string =>
  resource.group === "" ? `api/${resource.version}` : `apis/${apiVersionOf(resource)}`;

/** The list of documents under `/openapi/v3`. */
export function openApiIndex(registry: Registry): JsonObject {
  const paths = [...new Set(registry.all.map(pathOf))];
  return { paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])) };
}

function patchOperation(resource: Resource): JsonObject {
  const parameter = (name: string): JsonObject => ({
    name,
    in: "query",
    schema: { type: "string", uniqueItems: true },
  });
  return {
    parameters: ["dryRun", "fieldManager", "fieldValidation", "force"].map(parameter),
    requestBody: {
      content: {
        "application/json-patch+json": {},
        "application/merge-patch+json": {},
        "application/apply-patch+yaml": {},
      },
    },
    responses: { "200": { description: "OK" } },
    "x-kubernetes-action": "patch",
    "x-kubernetes-group-version-kind": { group: resource.group, kind: resource.kind, version: resource.version },
  };
}

/**
 * One OpenAPI v3 document. It says what kubectl asks of it: that PATCH takes `dryRun` and `fieldValidation`. Schemas are
 * given for custom resources only.
 */
export function openApiDocument(registry: Registry, path: string): JsonObject | undefined {
  const resources = registry.all.filter((resource) => pathOf(resource) === path);
  if (resources.length === 0) return undefined;
  const paths: JsonObject = {};
  const schemas: JsonObject = {};
  for (const resource of resources) {
    const scope = resource.namespaced ? "namespaces/{namespace}/" : "";
    paths[`/${path}/${scope}${resource.plural}/{name}`] = { patch: patchOperation(resource) };
    const gvk = { group: resource.group, kind: resource.kind, version: resource.version };
    schemas[`${resource.group || "core"}.${resource.version}.${resource.kind}`] = {
      ...(resource.custom === undefined ? { type: "object" } : (resource.schema as unknown as JsonObject)),
      "x-kubernetes-group-version-kind": [gvk],
    };
  }
  return { openapi: "3.0.0", info: { title: "Kubernetes", version: "v1.37.1" }, paths, components: { schemas } };
}
