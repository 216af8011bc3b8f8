import type { KubernetesObject } from "./object-meta.ts";

/** `"namespace/name"`, or `"name"` for objects of the whole cluster; client-go's MetaNamespaceKey. */
export type ObjectKey = string;

/** The key of an object. */
export function keyOf(object: KubernetesObject): ObjectKey {
  const { namespace = "", name = "" } = object.metadata ?? {};
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The namespace (empty for objects of the whole cluster) and the name that a key is made of. */
export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash === -1 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
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
