import { aggregatedDiscovery, apiGroupList, apiGroupOf, apiResourceList } from "../resource/discovery.ts";
import { isObject, type Json, type JsonObject } from "../object/json.ts";
import { openApiDocument, openApiIndex } from "../resource/openapi.ts";
import type { Registry } from "../resource/registry.ts";
import type { Identity } from "./identity.ts";

const version: JsonObject = {
  major: "1",
  minor: "37",
  gitVersion: "v1.37.1",
  gitCommit: "0",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "linux/amd64",
};

/** Serves the paths that name no resource: discovery, health, version, reviews; undefined for any other. */
export function serveDocument(
  registry: Registry,
  path: string,
  accept: string,
  body: Json,
  user: Identity,
): JsonObject | string | undefined {
  if (["/healthz", "/readyz", "/livez"].includes(path)) return "ok";
  if (path === "/version") return version;
  const aggregated = accept.includes("g=apidiscovery.k8s.io;v=v2;");
  if (path === "/api")
    return aggregated
      ? aggregatedDiscovery(registry, true)
      : { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis") return aggregated ? aggregatedDiscovery(registry, false) : apiGroupList(registry);
  if (path === "/api/v1") return apiResourceList(registry, "", "v1");
  if (path === "/openapi/v3") return openApiIndex(registry);
  if (path.startsWith("/openapi/v3/")) return openApiDocument(registry, path.slice("/openapi/v3/".length));
  if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && isObject(body))
    return { ...body, status: { allowed: true } };
  if (path === "/apis/authentication.k8s.io/v1/selfsubjectreviews" && isObject(body))
    return { ...body, status: { userInfo: { username: user.username, groups: [...user.groups] } } };
  const [, apis, group, groupVersion, ...rest] = path.split("/");
  if (apis !== "apis" || group === undefined || rest.length > 0) return undefined;
  return groupVersion === undefined ? apiGroupOf(registry, group) : apiResourceList(registry, group, groupVersion);
}

/** True for a path below a group and version that are served. */
export function isServedVersion(registry: Registry, path: string): boolean {
  const [, root, first = "", second = ""] = path.split("/");
  return root === "api" || apiResourceList(registry, first, second) !== undefined;
}
