import { randomUUID } from "node:crypto";
import { admitNode, defaultBuiltIn, establishedStatus } from "../kinds/kind-rules.ts";
import { alreadyExists, badRequest, Failure, invalid, notFound } from "../object/failure.ts";
import { ensureObject, type JsonObject, stringAt } from "../object/json.ts";
import type { Manager } from "../patch/managed-fields.ts";
import { storageKey } from "../resource/resource.ts";
import type { Store } from "../storage/store.ts";
import { managersAfterCreate } from "./ownership.ts";
import { timestamp } from "./timestamp.ts";
import { check, prepare, type WriteContext } from "./write-context.ts";
import { storedForm, type WriteTarget, written, type Written } from "./written.ts";

/** Creates an object. `applied` are the owners of its fields, where an apply has worked them out. */
export function createObject(
  target: WriteTarget,
  context: WriteContext,
  given: JsonObject,
  applied?: readonly Manager[],
): Written | Failure {
  const { store, services } = target;
  const { resource } = context;
  const prepared = prepare(context, given);
  if (prepared instanceof Failure) return prepared;
  const refused =
    placeInNamespace(store, context, prepared) ??
    nameObject(context, prepared) ??
    checkAbsent(store, context, prepared);
  if (refused !== undefined) return refused;
  if (resource.status && resource.kind !== "Namespace" && resource.kind !== "Node") delete prepared["status"];
  if (resource.custom === undefined) defaultBuiltIn(resource, prepared);
  stampMetadata(context, prepared);
  const managers = applied ?? managersAfterCreate(context, prepared);
  const failure = check(resource, prepared, undefined);
  if (failure !== undefined) return failure;
  if (resource.kind === "Service") {
    const exhausted = services.allocate(prepared, undefined);
    if (exhausted !== undefined) return exhausted;
    if (context.dryRun) services.release(prepared);
  }
  if (resource.kind === "Node") admitNode(prepared);
  if (resource.kind === "CustomResourceDefinition") prepared["status"] = establishedStatus(prepared, timestamp());
  const object = storedForm(resource, prepared, managers);
  return written(resource, context.dryRun ? object : store.put(storageKey(resource), object), true);
}

function placeInNamespace(
  store: Store,
  { resource, namespace }: WriteContext,
  object: JsonObject,
): Failure | undefined {
  const metadata = ensureObject(object, "metadata");
  if (!resource.namespaced) {
    delete metadata["namespace"];
    return undefined;
  }
  if (stringAt(metadata, "namespace") !== "" && metadata["namespace"] !== namespace)
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  metadata["namespace"] = namespace;
  return store.get("/namespaces", "", namespace) === undefined
    ? notFound({ group: "", plural: "namespaces" }, namespace)
    : undefined;
}

function nameObject({ resource }: WriteContext, object: JsonObject): Failure | undefined {
  const metadata = ensureObject(object, "metadata");
  if (stringAt(metadata, "name") === "" && stringAt(metadata, "generateName") !== "")
    metadata["name"] = `${stringAt(metadata, "generateName")}${randomUUID().slice(0, 5)}`;
  if (stringAt(metadata, "name") !== "") return undefined;
  return invalid(resource.group, resource.kind, "", [
    {
      reason: "FieldValueRequired",
      message: "Required value: name or generateName is required",
      field: "metadata.name",
    },
  ]);
}

function checkAbsent(store: Store, { resource, namespace }: WriteContext, object: JsonObject): Failure | undefined {
  const version = stringAt(object, "metadata", "resourceVersion");
  if (version !== "" && version !== "0")
    return new Failure(500, "InternalError", "resourceVersion should not be set on objects to be created");
  const name = stringAt(object, "metadata", "name");
  const live = store.get(storageKey(resource), resource.namespaced ? namespace : "", name);
  return live === undefined ? undefined : alreadyExists(resource, name);
}

/** Sets the fields of the metadata that the server alone decides. */
function stampMetadata({ resource }: WriteContext, object: JsonObject): void {
  const metadata = ensureObject(object, "metadata");
  metadata["uid"] = randomUUID();
  metadata["creationTimestamp"] = timestamp();
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"])
    delete metadata[key];
  if (resource.generation) metadata["generation"] = 1;
  else delete metadata["generation"];
}
