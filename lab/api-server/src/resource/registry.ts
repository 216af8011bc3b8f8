import { builtInResources } from "./built-in-resources.ts";
import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
} from "../object/json.ts";
import type { PrinterColumn, Resource } from "./resource.ts";
import { builtInSchema } from "../schema/list-topology.ts";
import type { Schema } from "../schema/schema.ts";

function columnsOf(version: Json): readonly PrinterColumn[] {
  return arrayAt(version, "additionalPrinterColumns").filter(isObject) as unknown as readonly PrinterColumn[];
}

/** Adds the merge rules of metadata, which a definition's schema leaves out: they are the same for all kinds. */
function withMetadata(schema: Schema): Schema {
  const { metadata } = builtInSchema("").properties ?? {};
  return {
    ...schema,
    properties: { ...schema.properties, metadata: { ...metadata, ...schema.properties?.["metadata"] } },
  };
}

/** The resources that a CustomResourceDefinition serves, one a version. */
export function resourcesOf(definition: JsonObject): readonly Resource[] {
  const spec = objectAt(definition, "spec");
  const names = objectAt(spec, "names");
  const versions = arrayAt(spec, "versions");
  const kind = stringAt(names, "kind");
  const storageVersion = stringAt(versions.find((version) => valueAt(version, "storage") === true) ?? null, "name");
  return versions
    .filter((version) => valueAt(version, "served") === true)
    .map((version) => ({
      group: stringAt(spec, "group"),
      version: stringAt(version, "name"),
      plural: stringAt(names, "plural"),
      singular: stringAt(names, "singular") || kind.toLowerCase(),
      kind,
      listKind: stringAt(names, "listKind") || `${kind}List`,
      shortNames: stringsAt(names, "shortNames"),
      categories: stringsAt(names, "categories"),
      namespaced: stringAt(spec, "scope") === "Namespaced",
      status: isObject(valueAt(version, "subresources", "status")),
      generation: true,
      schema: withMetadata(objectAt(version, "schema", "openAPIV3Schema") as unknown as Schema),
      custom: { columns: columnsOf(version), storageVersion },
    }));
}

/** The resources that are served: the built-in ones, and those of installed definitions. */
export interface Registry {
  readonly all: readonly Resource[];
  find: (group: string, version: string, plural: string) => Resource | undefined;
}

/** A registry over the definitions that are installed now. */
export function createRegistry(definitions: readonly JsonObject[]): Registry {
  const all = [
    ...builtInResources,
    ...definitions
      .filter((definition) => stringAt(definition, "metadata", "deletionTimestamp") === "")
      .flatMap(resourcesOf),
  ];
  const index = new Map(all.map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, resource]));
  return { all, find: (group, version, plural) => index.get(`${group}/${version}/${plural}`) };
}
