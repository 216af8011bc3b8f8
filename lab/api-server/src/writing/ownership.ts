import { type JsonObject, valueAt } from "../object/json.ts";
import { type Manager, managersOf, updateManagers, type Writer } from "../patch/managed-fields.ts";
import { apiVersionOf, type Resource } from "../resource/resource.ts";
import { timestamp } from "./timestamp.ts";
import type { WriteContext } from "./write-context.ts";

/** The paths that a write to one half of an object neither changes nor owns. */
export function ignoredPaths(resource: Resource, subresource: string): readonly (readonly string[])[] {
  if (!resource.status) return [];
  if (subresource === "") return [["f:status"]];
  return resource.custom === undefined ? [["f:spec"]] : [["f:spec"], ["f:metadata"]];
}

/** The owners of an object's fields after its creation by a request that is not an apply. */
export function managersAfterCreate(context: WriteContext, prepared: JsonObject): readonly Manager[] {
  const { resource } = context;
  const absent = resource.custom === undefined ? { spec: {}, status: {} } : {};
  const ignored = ignoredPaths(resource, "");
  return updateManagers([], undefined, prepared, resource.schema, writerOf(context), ignored, absent);
}

/**
 * The owners of an object's fields after an update that is not an apply. It starts from the entries that the request sends, where it sends
 * any: kubectl moves its own to server-side apply so.
 */
export function managersAfterUpdate(
  context: WriteContext,
  given: JsonObject,
  before: JsonObject,
  prepared: JsonObject,
): readonly Manager[] {
  const { resource, subresource } = context;
  const sent = managersOf(valueAt(given, "metadata", "managedFields") === undefined ? before : given);
  const ignored = ignoredPaths(resource, subresource);
  return updateManagers(sent, before, prepared, resource.schema, writerOf(context), ignored);
}

function writerOf(context: WriteContext): Writer {
  return {
    manager: context.manager,
    subresource: context.subresource,
    apiVersion: apiVersionOf(context.resource),
    time: timestamp(),
  };
}
