import type { ServiceAllocator } from "../kinds/service-allocation.ts";
import { type JsonObject, objectAt } from "../object/json.ts";
import { encodeManagers, type Manager } from "../patch/managed-fields.ts";
import type { Resource } from "../resource/resource.ts";
import { storageKey } from "../resource/resource.ts";
import { toServed, toStored } from "../resource/versions.ts";
import type { Store } from "../storage/store.ts";

/** An object that was written, or would have been in a dry run. */
export interface Written {
  readonly object: JsonObject;
  readonly created: boolean;
}

/** The state that writes change. */
export interface WriteTarget {
  readonly store: Store;
  readonly services: ServiceAllocator;
}

/** The form in which an object is stored, with the owners of its fields. */
export function storedForm(resource: Resource, object: JsonObject, managers: readonly Manager[]): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(object, "metadata");
  const managedFields = encodeManagers(managers);
  return toStored(resource, {
    ...object,
    metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  });
}

/** The answer to a write: the stored object in the version of the request. */
export function written(resource: Resource, stored: JsonObject, created: boolean): Written {
  return { object: toServed(resource, stored), created };
}

/** Removes an object from the store, and frees the cluster addresses of a Service. */
export function drop({ store, services }: WriteTarget, resource: Resource, object: JsonObject): JsonObject {
  if (resource.kind === "Service") services.release(object);
  return store.remove(storageKey(resource), object);
}
