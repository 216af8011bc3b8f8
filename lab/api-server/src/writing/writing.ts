import { randomUUID } from "node:crypto";
import { alreadyExists, badRequest, conflict, Failure, invalid, notFound } from "../object/failure.ts";
import {
  arrayAt,
  clone,
  ensureObject,
  equal,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
} from "../object/json.ts";
import { admitNode, defaultBuiltIn, establishedStatus } from "../kinds/kind-rules.ts";
import { encodeManagers, type Manager, managersOf, updateManagers, type Writer } from "../patch/managed-fields.ts";
import { check, prepare, type WriteContext } from "./preparing.ts";
import { apiVersionOf, type Resource, storageKey } from "../resource/resource.ts";
import { createServiceAllocator } from "../kinds/service-allocation.ts";
import { dropTypeDependent } from "../kinds/service-defaults.ts";
import type { Store } from "../storage/store.ts";
import { toServed, toStored } from "../resource/versions.ts";

/** An object that was written (or would have been). */
export interface Written {
  readonly object: JsonObject;
  readonly created: boolean;
}

/** The rules of create, update and delete over a store. */
export interface ObjectWriter {
  create: (context: WriteContext, object: JsonObject, managers?: readonly Manager[]) => Written | Failure;
  /** `managers` given: an apply has worked them out. */
  update: (context: WriteContext, object: JsonObject, managers?: readonly Manager[]) => Written | Failure;
  remove: (context: WriteContext, options: JsonObject) => Written | Failure;
  now: () => string;
}

/** Wall time as Kubernetes writes it. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** Paths that a write to one half of an object neither changes nor owns. */
export function ignoredPaths(resource: Resource, subresource: string): readonly (readonly string[])[] {
  if (!resource.status) return [];
  if (subresource === "") return [["f:status"]];
  return resource.custom === undefined ? [["f:spec"]] : [["f:spec"], ["f:metadata"]];
}

/** Generation counts all but metadata, and all but status where that is written apart. */
function counted(resource: Resource, object: JsonObject): JsonObject {
  const { metadata: _metadata, status, apiVersion: _version, kind: _kind, ...rest } = object;
  return resource.status || status === undefined ? rest : { ...rest, status };
}

/** The entries that a write starts from: those that it sends, where it changes them (kubectl moves its own to server-side apply so). */
function sentManagers(given: JsonObject, before: JsonObject): readonly Manager[] {
  return valueAt(given, "metadata", "managedFields") === undefined ? managersOf(before) : managersOf(given);
}

/** Creates the writer of a store. */
export function createObjectWriter(store: Store): ObjectWriter {
  const services = createServiceAllocator();

  const finish = (context: WriteContext, object: JsonObject, managers: readonly Manager[]): JsonObject => {
    const metadata = objectAt(object, "metadata");
    const encoded = encodeManagers(managers);
    const { managedFields: _, ...rest } = metadata;
    return toStored(context.resource, {
      ...object,
      metadata: encoded.length === 0 ? rest : { ...rest, managedFields: encoded },
    });
  };
  const writerOf = (context: WriteContext): Writer => ({
    manager: context.manager,
    subresource: context.subresource,
    apiVersion: apiVersionOf(context.resource),
    time: timestamp(),
  });
  const served = (context: WriteContext, object: JsonObject, created: boolean): Written => ({
    object: toServed(context.resource, object),
    created,
  });

  function create(context: WriteContext, given: JsonObject, applied?: readonly Manager[]): Written | Failure {
    const { resource, namespace } = context;
    const prepared = prepare(context, given);
    if (prepared instanceof Failure) return prepared;
    const metadata = ensureObject(prepared, "metadata");
    if (resource.namespaced) {
      if (stringAt(metadata, "namespace") !== "" && metadata["namespace"] !== namespace)
        return badRequest("the namespace of the provided object does not match the namespace sent on the request");
      metadata["namespace"] = namespace;
      if (store.get("/namespaces", "", namespace) === undefined)
        return notFound({ group: "", plural: "namespaces" }, namespace);
    } else delete metadata["namespace"];
    if (stringAt(metadata, "name") === "" && stringAt(metadata, "generateName") !== "")
      metadata["name"] = `${stringAt(metadata, "generateName")}${randomUUID().slice(0, 5)}`;
    const name = stringAt(metadata, "name");
    if (name === "")
      return invalid(resource.group, resource.kind, "", [
        {
          reason: "FieldValueRequired",
          message: "Required value: name or generateName is required",
          field: "metadata.name",
        },
      ]);
    if (stringAt(metadata, "resourceVersion") !== "" && stringAt(metadata, "resourceVersion") !== "0")
      return new Failure(500, "InternalError", "resourceVersion should not be set on objects to be created");
    if (store.get(storageKey(resource), resource.namespaced ? namespace : "", name) !== undefined)
      return alreadyExists(resource, name);
    if (resource.status && resource.kind !== "Namespace" && resource.kind !== "Node") delete prepared["status"];
    if (resource.custom === undefined) defaultBuiltIn(resource, prepared);
    metadata["uid"] = randomUUID();
    metadata["creationTimestamp"] = timestamp();
    for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"])
      delete metadata[key];
    if (resource.generation) metadata["generation"] = 1;
    else delete metadata["generation"];
    const managers =
      applied ??
      updateManagers(
        [],
        undefined,
        prepared,
        resource.schema,
        writerOf(context),
        ignoredPaths(resource, ""),
        resource.custom === undefined ? { spec: {}, status: {} } : {},
      );
    const failure = check(resource, prepared, undefined);
    if (failure !== undefined) return failure;
    if (resource.kind === "Service") {
      const refused = services.allocate(prepared, undefined);
      if (refused !== undefined) return refused;
      if (context.dryRun) services.release(prepared);
    }
    if (resource.kind === "Node") admitNode(prepared);
    if (resource.kind === "CustomResourceDefinition") prepared["status"] = establishedStatus(prepared, timestamp());
    const object = finish(context, prepared, managers);
    return served(context, context.dryRun ? object : store.put(storageKey(resource), object), true);
  }

  /** Leaves to the other half what is the other half's, and to the server what is the server's. */
  function keepForeign(context: WriteContext, prepared: JsonObject, before: JsonObject): void {
    const { resource, subresource } = context;
    const old = clone(before);
    if (subresource === "status") {
      const status = prepared["status"];
      const metadata = resource.custom === undefined ? objectAt(prepared, "metadata") : objectAt(old, "metadata");
      for (const key of Object.keys(prepared)) delete prepared[key];
      Object.assign(prepared, old, { metadata: { ...metadata } }, status === undefined ? {} : { status });
      if (status === undefined) delete prepared["status"];
    } else if (resource.status) {
      if (old["status"] === undefined) delete prepared["status"];
      else prepared["status"] = old["status"];
    }
    const metadata = ensureObject(prepared, "metadata");
    for (const key of [
      "uid",
      "creationTimestamp",
      "generation",
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
      "resourceVersion",
      "namespace",
      "name",
    ]) {
      const value = valueAt(old, "metadata", key);
      if (value === undefined) delete metadata[key];
      else metadata[key] = value;
    }
  }

  function inheritServiceFields(prepared: JsonObject, before: JsonObject): void {
    const spec = ensureObject(prepared, "spec");
    if (stringAt(spec, "type") === "ExternalName" || stringAt(before, "spec", "type") === "ExternalName") return;
    if (stringAt(spec, "clusterIP") === "" && stringsAt(spec, "clusterIPs").length === 0) {
      spec["clusterIP"] = stringAt(before, "spec", "clusterIP");
      spec["clusterIPs"] = clone(arrayAt(before, "spec", "clusterIPs"));
    }
    for (const key of ["ipFamilies", "ipFamilyPolicy"]) spec[key] ??= clone(valueAt(before, "spec", key) ?? null);
  }

  function update(context: WriteContext, given: JsonObject, applied?: readonly Manager[]): Written | Failure {
    const { resource, name } = context;
    const namespace = resource.namespaced ? context.namespace : "";
    const stored = store.get(storageKey(resource), namespace, name);
    if (stored === undefined) return notFound(resource, name);
    const before = toServed(resource, stored);
    const version = stringAt(given, "metadata", "resourceVersion");
    if (version !== "" && version !== "0" && version !== stringAt(before, "metadata", "resourceVersion")) {
      return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
    const uid = stringAt(given, "metadata", "uid");
    if (uid !== "" && uid !== stringAt(before, "metadata", "uid"))
      return conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stringAt(before, "metadata", "uid")}`,
      );
    if (stringAt(given, "metadata", "name") !== name)
      return badRequest(
        `the name of the object (${stringAt(given, "metadata", "name")}) does not match the name on the URL (${name})`,
      );
    const isService = resource.kind === "Service";
    const inherited = clone(given);
    if (isService && context.subresource === "") inheritServiceFields(inherited, before);
    const prepared = prepare(context, inherited);
    if (prepared instanceof Failure) return prepared;
    keepForeign(context, prepared, before);
    if (resource.generation && !equal(counted(resource, prepared), counted(resource, before)))
      ensureObject(prepared, "metadata")["generation"] = (numberAt(before, "metadata", "generation") ?? 0) + 1;
    const managers =
      applied ??
      updateManagers(
        sentManagers(given, before),
        before,
        prepared,
        resource.schema,
        writerOf(context),
        ignoredPaths(resource, context.subresource),
      );
    if (isService) dropTypeDependent(prepared, before);
    const failure = check(resource, prepared, before);
    if (failure !== undefined) return failure;
    if (isService && context.subresource === "" && !context.dryRun) {
      const refused = services.allocate(prepared, before);
      if (refused !== undefined) return refused;
    }
    const object = finish(context, prepared, managers);
    const removing =
      stringAt(object, "metadata", "deletionTimestamp") !== "" &&
      stringsAt(object, "metadata", "finalizers").length === 0 &&
      resource.kind !== "Pod";
    if (context.dryRun || (equal(object, stored) && !removing))
      return served(context, context.dryRun ? object : stored, false);
    if (removing) return served(context, drop(resource, object), false);
    return served(context, store.put(storageKey(resource), object), false);
  }

  function drop(resource: Resource, object: JsonObject): JsonObject {
    if (resource.kind === "Service") services.release(object);
    return store.remove(storageKey(resource), object);
  }

  function remove(context: WriteContext, options: JsonObject): Written | Failure {
    const { resource, name } = context;
    const stored = store.get(storageKey(resource), resource.namespaced ? context.namespace : "", name);
    if (stored === undefined) return notFound(resource, name);
    for (const [key, said] of [
      ["uid", "UID"],
      ["resourceVersion", "ResourceVersion"],
    ] as const) {
      const wanted = stringAt(options, "preconditions", key);
      const actual = stringAt(stored, "metadata", key);
      if (wanted !== "" && wanted !== actual)
        return conflict(
          { group: resource.group, plural: resource.kind },
          name,
          `the ${said} in the precondition (${wanted}) does not match the ${said} in record (${actual}). The object might have been ${key === "uid" ? "deleted and then recreated" : "modified"}`,
        );
    }
    const grace =
      numberAt(options, "gracePeriodSeconds") ??
      (resource.kind === "Pod" && stringAt(stored, "spec", "nodeName") !== ""
        ? (numberAt(stored, "spec", "terminationGracePeriodSeconds") ?? 30)
        : 0);
    if (context.dryRun) return served(context, stored, true);
    if (stringsAt(stored, "metadata", "finalizers").length === 0 && grace === 0)
      return served(context, drop(resource, stored), true);
    if (stringAt(stored, "metadata", "deletionTimestamp") !== "") return served(context, stored, false);
    const marked = clone(stored);
    Object.assign(ensureObject(marked, "metadata"), {
      deletionTimestamp: timestamp(),
      deletionGracePeriodSeconds: grace,
    });
    if (resource.generation)
      ensureObject(marked, "metadata")["generation"] = (numberAt(stored, "metadata", "generation") ?? 0) + 1;
    return served(context, store.put(storageKey(resource), marked), false);
  }
  return { create, update, remove, now: timestamp };
}
