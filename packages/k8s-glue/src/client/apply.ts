import {
  apiVersionOf,
  type KubernetesObject,
  objectPath,
  type ObjectPath,
  type Resource,
} from "@herald-lb/k8s-glue/objects";
import { ok, type Result } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import type { ApiRequest } from "./api-request.ts";
import { containsFields, type FieldComparison } from "./contains-fields.ts";
import type { Transport } from "./transport.ts";

/** The writer's name and fence. */
export interface WriteOptions {
  /** Names the owner of the fields in `metadata.managedFields`: `"herald-controller"`. */
  readonly fieldManager: string;
  /** The leader's fence: asked before every attempt. */
  readonly guard?: () => boolean;
  readonly signal?: AbortSignal;
}

/** Options of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from other managers; true by default. Without it another's claim gives `"Conflict"`. */
  readonly force?: boolean;
  /** `"status"` applies the status alone. */
  readonly subresource?: "status";
}

/** The fields to apply: an object of some kind, or a literal with the fields of it that matter. */
export type WantedFields = KubernetesObject | (KubernetesObject & Readonly<Record<string, unknown>>);

/** The result of a compared apply: the object as it is now, and whether a request was sent. */
export interface Applied<T> {
  readonly written: boolean;
  readonly object: T;
}

/**
 * Server-side apply: the object then has the fields of `wanted`, and fields that this manager applied before and now leaves out
 * are gone, unless another manager has them too. `wanted` needs `metadata.name`; `metadata.managedFields` must be absent.
 */
export function applyObject<T extends KubernetesObject>(
  transport: Transport,
  resource: Resource,
  wanted: WantedFields,
  options: ApplyOptions,
): Promise<Result<T, ApiError>> {
  return transport.request<T>({
    method: "PATCH",
    path: objectPath(resource, pathOf(wanted, options.subresource)),
    query: { fieldManager: options.fieldManager, force: options.force ?? true },
    contentType: "application/apply-patch+yaml",
    body: { ...wanted, apiVersion: apiVersionOf(resource), kind: resource.kind },
    idempotent: true,
    ...writing(options),
  });
}

/** Server-side apply of the status alone; the server ignores all else in `wanted` but its name. */
export function applyStatus<T extends KubernetesObject>(
  transport: Transport,
  resource: Resource,
  wanted: WantedFields,
  options: Omit<ApplyOptions, "subresource">,
): Promise<Result<T, ApiError>> {
  return applyObject<T>(transport, resource, wanted, { ...options, subresource: "status" });
}

/**
 * Server-side apply only where it would change something: `live` is the object as the informer has it. Name the fields that this
 * manager alone decides in `exact`, or one that is no longer wanted stays. An idle cluster sees no writes through this.
 */
export async function applyDifferent<T extends KubernetesObject>(
  transport: Transport,
  resource: Resource,
  live: T | undefined,
  wanted: WantedFields,
  options: ApplyOptions & FieldComparison,
): Promise<Result<Applied<T>, ApiError>> {
  const { metadata, apiVersion: _, kind: __, ...fields } = wanted;
  const { namespace: ___, name: ____, ...described } = metadata ?? {};
  if (live !== undefined && containsFields(live, { ...fields, metadata: described }, options))
    return ok({ written: false, object: live });
  const answer = await applyObject<T>(transport, resource, wanted, options);
  return answer.ok ? ok({ written: true, object: answer.value }) : answer;
}

/**
 * JSON merge patch: sets the given fields and removes those that are null, no matter which manager owns them. With
 * `metadata.resourceVersion` in the patch, another version gives `"Conflict"`. For what an apply cannot express: fields that
 * another manager left. With `answer` ignored the object is null: `mergeObject<null>`.
 */
export function mergeObject<T = KubernetesObject>(
  transport: Transport,
  resource: Resource,
  ref: ObjectPath,
  patch: unknown,
  options: WriteOptions & Pick<ApiRequest, "answer">,
): Promise<Result<T, ApiError>> {
  return transport.request<T>({
    method: "PATCH",
    path: objectPath(resource, ref),
    query: { fieldManager: options.fieldManager },
    contentType: "application/merge-patch+json",
    body: patch,
    idempotent: true,
    ...(options.answer === undefined ? {} : { answer: options.answer }),
    ...writing(options),
  });
}

function writing(options: WriteOptions): { readonly guard?: () => boolean; readonly signal?: AbortSignal } {
  return {
    ...(options.guard === undefined ? {} : { guard: options.guard }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

function pathOf(object: KubernetesObject, subresource: "status" | undefined): ObjectPath {
  const { namespace, name } = object.metadata ?? {};
  if (name === undefined) throw new Error("an object to apply needs metadata.name");
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
