import { dropTypeDependent } from "../kinds/service-defaults.ts";
import { badRequest, conflict, Failure, notFound } from "../object/failure.ts";
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
import type { Manager } from "../patch/managed-fields.ts";
import { type Resource, storageKey } from "../resource/resource.ts";
import { toServed } from "../resource/versions.ts";
import { managersAfterUpdate } from "./ownership.ts";
import { check, prepare, type WriteContext } from "./write-context.ts";
import { drop, storedForm, type WriteTarget, written, type Written } from "./written.ts";

/** Replaces an object, or its status. `applied` are the owners of its fields, where an apply has worked them out. */
export function updateObject(
  target: WriteTarget,
  context: WriteContext,
  given: JsonObject,
  applied?: readonly Manager[],
): Written | Failure {
  const { store, services } = target;
  const { resource, name } = context;
  const stored = store.get(storageKey(resource), resource.namespaced ? context.namespace : "", name);
  if (stored === undefined) return notFound(resource, name);
  const before = toServed(resource, stored);
  const mismatch = checkPreconditions(context, given, before);
  if (mismatch !== undefined) return mismatch;
  const isServiceSpec = resource.kind === "Service" && context.subresource === "";
  const inherited = clone(given);
  if (isServiceSpec) inheritServiceFields(inherited, before);
  const prepared = prepare(context, inherited);
  if (prepared instanceof Failure) return prepared;
  keepForeign(context, prepared, before);
  if (resource.generation && !equal(counted(resource, prepared), counted(resource, before)))
    ensureObject(prepared, "metadata")["generation"] = (numberAt(before, "metadata", "generation") ?? 0) + 1;
  const managers = applied ?? managersAfterUpdate(context, given, before, prepared);
  if (resource.kind === "Service") dropTypeDependent(prepared, before);
  const failure = check(resource, prepared, before);
  if (failure !== undefined) return failure;
  if (isServiceSpec && !context.dryRun) {
    const exhausted = services.allocate(prepared, before);
    if (exhausted !== undefined) return exhausted;
  }
  const object = storedForm(resource, prepared, managers);
  if (context.dryRun) return written(resource, object, false);
  if (isFinalized(resource, object)) return written(resource, drop(target, resource, object), false);
  if (equal(object, stored)) return written(resource, stored, false);
  return written(resource, store.put(storageKey(resource), object), false);
}

function checkPreconditions(
  { resource, name }: WriteContext,
  given: JsonObject,
  before: JsonObject,
): Failure | undefined {
  const version = stringAt(given, "metadata", "resourceVersion");
  if (version !== "" && version !== "0" && version !== stringAt(before, "metadata", "resourceVersion"))
    return conflict(
      resource,
      name,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
  const uid = stringAt(given, "metadata", "uid");
  const liveUid = stringAt(before, "metadata", "uid");
  if (uid !== "" && uid !== liveUid)
    return conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${liveUid}`);
  const givenName = stringAt(given, "metadata", "name");
  if (givenName !== name)
    return badRequest(`the name of the object (${givenName}) does not match the name on the URL (${name})`);
  return undefined;
}

/** Fills in the addresses and families that an update of a Service leaves out. */
function inheritServiceFields(given: JsonObject, before: JsonObject): void {
  const spec = ensureObject(given, "spec");
  if (stringAt(spec, "type") === "ExternalName" || stringAt(before, "spec", "type") === "ExternalName") return;
  if (stringAt(spec, "clusterIP") === "" && stringsAt(spec, "clusterIPs").length === 0) {
    spec["clusterIP"] = stringAt(before, "spec", "clusterIP");
    spec["clusterIPs"] = clone(arrayAt(before, "spec", "clusterIPs"));
  }
  for (const key of ["ipFamilies", "ipFamilyPolicy"]) spec[key] ??= clone(valueAt(before, "spec", key) ?? null);
}

/** Restores what the request may not change: the other half of the object, and the fields that the server alone decides. */
function keepForeign({ resource, subresource }: WriteContext, prepared: JsonObject, before: JsonObject): void {
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
  for (const key of SERVER_FIELDS) {
    const value = valueAt(old, "metadata", key);
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
}

const SERVER_FIELDS: readonly string[] = [
  "uid",
  "creationTimestamp",
  "generation",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "resourceVersion",
  "namespace",
  "name",
];

/** The fields whose change raises the generation: those outside of metadata, and of status where that is written apart. */
function counted(resource: Resource, object: JsonObject): JsonObject {
  const { metadata: _metadata, status, apiVersion: _version, kind: _kind, ...rest } = object;
  return resource.status || status === undefined ? rest : { ...rest, status };
}

/** True for an object that waited for its last finalizer to be removed. */
function isFinalized(resource: Resource, object: JsonObject): boolean {
  return (
    stringAt(object, "metadata", "deletionTimestamp") !== "" &&
    stringsAt(object, "metadata", "finalizers").length === 0 &&
    resource.kind !== "Pod"
  );
}
