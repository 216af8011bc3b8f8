import * as z from "zod";
import { type CustomResourceKind, customResourceKinds, type KindVersion } from "./custom-resource-kinds.ts";

/** JSON, as in a manifest. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The CustomResourceDefinitions of every kind, by the kind's plural. */
export function customResourceDefinitions(): ReadonlyMap<string, Json> {
  return new Map(customResourceKinds.map((kind) => [kind.plural, customResourceDefinition(kind)]));
}

/** The CustomResourceDefinition of a kind, `apiextensions.k8s.io/v1`. */
export function customResourceDefinition({ kind, plural, description, versions }: CustomResourceKind): Json {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.metallb.io`, labels: { "app.kubernetes.io/part-of": "herald" } },
    spec: {
      group: "metallb.io",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: "Namespaced",
      // The versions of a kind differ in which fields they have, never in what a field means, so there is nothing to convert.
      conversion: { strategy: "None" },
      versions: versions.map((version, at) => versionOf(version, description, at === versions.length - 1)),
    },
  };
}

function versionOf(version: KindVersion, description: string, stored: boolean): Json {
  const { name, columns, deprecationWarning, specRequired } = version;
  return {
    name,
    served: true,
    storage: stored,
    ...(deprecationWarning === undefined ? {} : { deprecated: true, deprecationWarning }),
    subresources: { status: {} },
    ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns.map((column) => ({ ...column })) }),
    schema: {
      openAPIV3Schema: {
        type: "object",
        description,
        properties: {
          apiVersion: { type: "string", description: "Version of the schema of this object." },
          kind: { type: "string", description: "Kind of this object." },
          metadata: { type: "object" },
          spec: schemaOf(version.spec),
          status: schemaOf(version.status),
        },
        ...(specRequired ? { required: ["spec"] } : {}),
      },
    },
  };
}

/** The schema as Kubernetes accepts it: zod's OpenAPI 3.0 without what structural schemas forbid. */
function schemaOf(schema: z.ZodType): Json {
  return structural(z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", reused: "inline" }) as Json);
}

function structural(value: Json): Json {
  if (Array.isArray(value)) return value.map(structural);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  const kept = entries
    .filter(([key, inner]) => !isForeign(key, inner))
    .map(([key, inner]) => [key, structural(inner)] as const);
  const result: Record<string, Json> = Object.fromEntries(kept);
  if (result["type"] === "integer" && result["format"] === undefined) result["format"] = "int64";
  return result;
}

/**
 * True for keywords of zod that a structural schema may not have or does not need: closed objects, no properties, limits of safe
 * integers.
 */
function isForeign(key: string, value: Json): boolean {
  if (key === "$schema" || key === "propertyNames") return true;
  if (key === "additionalProperties") return value === false;
  // An API server drops an empty one, and every apply would then be a change.
  if (key === "properties") return Object.keys(value ?? {}).length === 0;
  return (key === "minimum" || key === "maximum") && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}
