import { conflict, type Failure, notFound } from "../object/failure.ts";
import { clone, ensureObject, type JsonObject, numberAt, stringAt, stringsAt } from "../object/json.ts";
import { type Resource, storageKey } from "../resource/resource.ts";
import { timestamp } from "./timestamp.ts";
import type { WriteContext } from "./write-context.ts";
import { drop, type WriteTarget, written, type Written } from "./written.ts";

/** Deletes an object, or marks it as deleted while finalizers or a Pod's grace period hold it. `options` is a DeleteOptions. */
export function removeObject(target: WriteTarget, context: WriteContext, options: JsonObject): Written | Failure {
  const { store } = target;
  const { resource, name } = context;
  const stored = store.get(storageKey(resource), resource.namespaced ? context.namespace : "", name);
  if (stored === undefined) return notFound(resource, name);
  const mismatch = checkPreconditions(context, options, stored);
  if (mismatch !== undefined) return mismatch;
  const grace = graceOf(resource, options, stored);
  if (context.dryRun) return written(resource, stored, true);
  if (stringsAt(stored, "metadata", "finalizers").length === 0 && grace === 0)
    return written(resource, drop(target, resource, stored), true);
  if (stringAt(stored, "metadata", "deletionTimestamp") !== "") return written(resource, stored, false);
  const marked = clone(stored);
  const metadata = ensureObject(marked, "metadata");
  Object.assign(metadata, { deletionTimestamp: timestamp(), deletionGracePeriodSeconds: grace });
  if (resource.generation) metadata["generation"] = (numberAt(stored, "metadata", "generation") ?? 0) + 1;
  return written(resource, store.put(storageKey(resource), marked), false);
}

function checkPreconditions(
  { resource, name }: WriteContext,
  options: JsonObject,
  stored: JsonObject,
): Failure | undefined {
  for (const [key, label, fate] of [
    ["uid", "UID", "deleted and then recreated"],
    ["resourceVersion", "ResourceVersion", "modified"],
  ] as const) {
    const wanted = stringAt(options, "preconditions", key);
    const actual = stringAt(stored, "metadata", key);
    if (wanted !== "" && wanted !== actual)
      return conflict(
        { group: resource.group, plural: resource.kind },
        name,
        `the ${label} in the precondition (${wanted}) does not match the ${label} in record (${actual}). The object might have been ${fate}`,
      );
  }
  return undefined;
}

/** The seconds until an object may go: those of the request, else a running Pod's own, else none. */
function graceOf(resource: Resource, options: JsonObject, stored: JsonObject): number {
  const asked = numberAt(options, "gracePeriodSeconds");
  if (asked !== undefined) return asked;
  const isRunning = resource.kind === "Pod" && stringAt(stored, "spec", "nodeName") !== "";
  return isRunning ? (numberAt(stored, "spec", "terminationGracePeriodSeconds") ?? 30) : 0;
}
