import type { KubernetesObject } from "./object-meta.ts";

/** `namespace/name` of an object: what the allocator and the announcers call its service. */
export type ObjectKey = string;

/** The key of an object; of one without a namespace, its name alone. */
export function keyOf(object: KubernetesObject): ObjectKey {
  const { namespace, name = "" } = object.metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** One object, and the generation of it that was read. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339; of two objects that want the same, the older serves. */
  readonly creationTimestamp: string;
}

/** Refers to an object; what it does not say itself is empty, its generation 0. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { namespace = "", name = "", uid = "", generation = 0, creationTimestamp = "" } = object.metadata ?? {};
  const { apiVersion = "", kind = "" } = object;
  return { apiVersion, kind, namespace, name, uid, generation, creationTimestamp };
}

/** Orders objects older first; of one second's, by name. */
export function byAge(a: ObjectRef, b: ObjectRef): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
