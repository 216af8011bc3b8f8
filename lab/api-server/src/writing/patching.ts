import { parse } from "yaml";
import { badRequest, Failure, notFound } from "../object/failure.ts";
import {
  clone,
  ensureObject,
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  setOrDelete,
  stringAt,
} from "../object/json.ts";
import { defaultBuiltIn } from "../kinds/kind-rules.ts";
import { serverSideApply } from "../patch/apply.ts";
import { jsonPatch } from "../patch/json.ts";
import { managersOf } from "../patch/managed-fields.ts";
import { mergePatch } from "../patch/merge.ts";
import { strategicMergePatch } from "../patch/strategic.ts";
import { readObject, type WriteContext } from "./write-context.ts";
import { apiVersionOf, storageKey } from "../resource/resource.ts";
import type { Store } from "../storage/store.ts";
import { toServed } from "../resource/versions.ts";
import type { ObjectWriter } from "./object-writer.ts";
import { ignoredPaths } from "./ownership.ts";
import { timestamp } from "./timestamp.ts";
import type { Written } from "./written.ts";

function patched(before: JsonObject, type: string, patch: Json, context: WriteContext): Json | Failure {
  const { resource } = context;
  switch (type) {
    case "application/merge-patch+json":
      return mergePatch(before, patch);
    case "application/json-patch+json": {
      if (!Array.isArray(patch)) return badRequest("error decoding patch: a JSON patch is a list");
      const result = jsonPatch(before, patch);
      return "error" in result
        ? new Failure(422, "Invalid", `the server rejected our request due to an error in our request: ${result.error}`)
        : result.value;
    }
    case "application/strategic-merge-patch+json":
      if (resource.custom === undefined && isObject(patch)) return strategicMergePatch(before, patch, resource.schema);
      break;
    default:
      return new Failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  }
  const supported = [
    "application/json-patch+json",
    "application/merge-patch+json",
    ...(resource.custom === undefined ? ["application/strategic-merge-patch+json"] : []),
    "application/apply-patch+yaml",
  ];
  return new Failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(", ")}`,
  );
}

function applied(
  store: Store,
  writer: ObjectWriter,
  context: WriteContext,
  body: Json,
  force: boolean,
): Written | Failure {
  const { resource, name, subresource } = context;
  const read = readObject(resource, body);
  if (read instanceof Failure) return read;
  if (Array.isArray(objectAt(read, "metadata")["managedFields"]))
    return badRequest("metadata.managedFields must be nil");
  const namespace = resource.namespaced ? context.namespace : "";
  const stored = store.get(storageKey(resource), namespace, name);
  if (stored === undefined && subresource !== "") return notFound(resource, name);
  const before = stored === undefined ? undefined : toServed(resource, stored);
  const configuration = clone(read);
  const version = stringAt(configuration, "metadata", "resourceVersion");
  const live = before === undefined ? undefined : clone(before);
  if (live !== undefined) delete ensureObject(live, "metadata")["managedFields"];
  const result = serverSideApply(
    live,
    managersOf(before),
    configuration,
    resource.schema,
    { manager: context.manager, subresource, apiVersion: apiVersionOf(resource), time: timestamp() },
    { force, ignored: ignoredPaths(resource, subresource) },
  );
  if (result instanceof Failure) return result;
  const object = clone(result.object);
  ensureObject(object, "metadata")["name"] = name;
  if (resource.custom === undefined) defaultBuiltIn(resource, object);
  if (before === undefined) return writer.create(context, object, result.managers);
  setOrDelete(ensureObject(object, "metadata"), "resourceVersion", version === "" ? undefined : version);
  return writer.update(context, object, result.managers);
}

/** Reads a patch's text: YAML for server-side apply, JSON otherwise. */
export function readBody(text: string, type: string): Json | Failure {
  try {
    return /yaml|apply-patch/.test(type) ? (parse(text) as Json) : (JSON.parse(text) as Json);
  } catch {
    return badRequest("error decoding the request body");
  }
}

/** One PATCH of any of the four types. */
export function patchObject(
  store: Store,
  writer: ObjectWriter,
  context: WriteContext,
  type: string,
  body: Json,
  force: boolean,
): Written | Failure {
  const { resource, name } = context;
  if (type === "application/apply-patch+yaml") return applied(store, writer, context, body, force);
  const stored = store.get(storageKey(resource), resource.namespaced ? context.namespace : "", name);
  if (stored === undefined) return notFound(resource, name);
  const result = patched(clone(toServed(resource, stored)), type, body, context);
  if (result instanceof Failure) return result;
  if (!isObject(result)) return badRequest("the patched document is not an object");
  return writer.update(context, result);
}
