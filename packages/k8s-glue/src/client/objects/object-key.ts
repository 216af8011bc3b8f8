import type { KubernetesObject } from "./object-meta.ts";

/** `"namespace/name"`, or `"name"` for objects of the whole cluster; client-go's MetaNamespaceKey. */
export type ObjectKey = string;

/** The key of an object. */
export function keyOf(object: KubernetesObject): ObjectKey {
  const { namespace = "", name = "" } = object.metadata ?? {};
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The namespace (empty for objects of the whole cluster) and the name of a key. */
export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash === -1 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** A reference to an object, with the generation that was read. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339 text; of two objects in conflict the older one has effect. */
  readonly creationTimestamp: string;
}

/** The reference to an object; fields that it lacks are empty, its generation 0. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { namespace = "", name = "", uid = "", generation = 0, creationTimestamp = "" } = object.metadata ?? {};
  const { apiVersion = "", kind = "" } = object;
  return { apiVersion, kind, namespace, name, uid, generation, creationTimestamp };
}

/** Orders objects by age, older ones first; objects of one second by name. */
export function byAge(a: ObjectRef, b: ObjectRef): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
