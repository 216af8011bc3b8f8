import type { Registry } from "../resource/registry.ts";
import type { Resource } from "../resource/resource.ts";

/** A request for a resource, as its path says. */
export interface ResourceRequest {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** Reads a path below `/api` or `/apis`; undefined where no resource is served. */
export function parseResourcePath(registry: Registry, path: string): ResourceRequest | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const core = parts[0] === "api";
  const [group, version] = core ? ["", parts[1] ?? ""] : [parts[1] ?? "", parts[2] ?? ""];
  let rest = parts.slice(core ? 2 : 3);
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 2 && !["status", "finalize"].includes(rest[2] ?? "")) {
    namespace = rest[1] ?? "";
    rest = rest.slice(2);
  }
  const [plural = "", name = "", subresource = ""] = rest;
  const resource = registry.find(group, version, plural);
  return resource === undefined || rest.length > 3 ? undefined : { resource, namespace, name, subresource };
}
