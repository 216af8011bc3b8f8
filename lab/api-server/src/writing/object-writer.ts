import { createServiceAllocator } from "../kinds/service-allocation.ts";
import type { Failure } from "../object/failure.ts";
import type { JsonObject } from "../object/json.ts";
import type { Manager } from "../patch/managed-fields.ts";
import type { Store } from "../storage/store.ts";
import { createObject } from "./create-object.ts";
import { removeObject } from "./remove-object.ts";
import { updateObject } from "./update-object.ts";
import type { WriteContext } from "./write-context.ts";
import type { WriteTarget, Written } from "./written.ts";

/** Create, update and delete with Kubernetes' rules, over a store. */
export interface ObjectWriter {
  /** `managers` are the owners of the object's fields, where an apply has worked them out. */
  readonly create: (context: WriteContext, object: JsonObject, managers?: readonly Manager[]) => Written | Failure;
  readonly update: (context: WriteContext, object: JsonObject, managers?: readonly Manager[]) => Written | Failure;
  readonly remove: (context: WriteContext, options: JsonObject) => Written | Failure;
}

/** Creates the writer of a store. */
export function createObjectWriter(store: Store): ObjectWriter {
  const target: WriteTarget = { store, services: createServiceAllocator() };
  return {
    create: (context, object, managers) => createObject(target, context, object, managers),
    update: (context, object, managers) => updateObject(target, context, object, managers),
    remove: (context, options) => removeObject(target, context, options),
  };
}
