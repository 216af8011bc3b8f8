import type { Json, JsonObject } from "../object/json.ts";
import type { Registry } from "./registry.ts";
import type { Resource } from "./resource.ts";

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const statusVerbs = ["get", "patch", "update"];

interface GroupVersions {
  readonly group: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly Resource[] }[];
}

/** Kubernetes' version order: GA before beta before alpha, newer first. */
function versionRank(version: string): number {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return 0;
  const stage = match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0;
  return stage * 1e6 + Number(match[1]) * 1e3 + Number(match[3] ?? 0);
}

function groupsOf(registry: Registry): readonly GroupVersions[] {
  const groups = new Map<string, Map<string, Resource[]>>();
  for (const resource of registry.all) {
    const versions = groups.get(resource.group) ?? new Map<string, Resource[]>();
    groups.set(resource.group, versions);
    versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]);
  }
  return [...groups].map(([group, versions]) => ({
    group,
    versions: [...versions]
      .map(([version, resources]) => ({ version, resources }))
      .sort((a, b) => versionRank(b.version) - versionRank(a.version)),
  }));
}

function apiResource(resource: Resource): JsonObject[] {
  const { kind, namespaced, plural } = resource;
  const main: JsonObject = {
    name: plural,
    singularName: resource.singular,
    namespaced,
    kind,
    verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
  };
  return resource.status
    ? [main, { name: `${plural}/status`, singularName: "", namespaced, kind, verbs: statusVerbs }]
    : [main];
}

/** `APIResourceList` of one group and version, or undefined where nothing is served. */
export function apiResourceList(registry: Registry, group: string, version: string): JsonObject | undefined {
  const resources = registry.all.filter((resource) => resource.group === group && resource.version === version);
  if (resources.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group === "" ? version : `${group}/${version}`,
    resources: resources.flatMap(apiResource),
  };
}

function apiGroup(found: GroupVersions): JsonObject {
  const versions = found.versions.map(
    ({ version }): JsonObject => ({ groupVersion: `${found.group}/${version}`, version }),
  );
  return { name: found.group, versions, preferredVersion: versions[0] ?? {} };
}

/** `APIGroupList`, as `/apis` answers clients without aggregated discovery. */
export function apiGroupList(registry: Registry): JsonObject {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupsOf(registry)
      .filter(({ group }) => group !== "")
      .map(apiGroup),
  };
}

/** `APIGroup` of one group, or undefined. */
export function apiGroupOf(registry: Registry, group: string): JsonObject | undefined {
  const found = groupsOf(registry).find((entry) => entry.group === group);
  return found === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...apiGroup(found) };
}

function aggregatedResource(resource: Resource): JsonObject {
  const responseKind: Json = { group: "", version: "", kind: resource.kind };
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
    ...(resource.status ? { subresources: [{ subresource: "status", responseKind, verbs: statusVerbs }] } : {}),
  };
}

/** `APIGroupDiscoveryList` (apidiscovery.k8s.io/v2) of the core group or of all others. */
export function aggregatedDiscovery(registry: Registry, core: boolean): JsonObject {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groupsOf(registry)
      .filter(({ group }) => (group === "") === core)
      .map(({ group, versions }) => ({
        metadata: group === "" ? {} : { name: group },
        versions: versions.map(({ version, resources }) => ({
          version,
          resources: resources.map(aggregatedResource),
          freshness: "Current",
        })),
      })),
  };
}
