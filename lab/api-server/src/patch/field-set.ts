import { isObject, type JsonObject } from "../object/json.ts";

/**
 * A set of field paths, as FieldsV1 writes it. An element is `f:name`, `k:{"key":value}` or `v:value`; `member` says that the
 * path to this node itself is in the set.
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** The set without paths. */
export const emptyFieldSet: FieldSet = { member: false, children: new Map() };

/** Tells whether a set holds no path. */
export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

/** Combines two sets node by node; `keep` decides whether a path stays, from its presence in each. */
function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const element of new Set([...a.children.keys(), ...b.children.keys()])) {
    const child = combine(a.children.get(element) ?? emptyFieldSet, b.children.get(element) ?? emptyFieldSet, keep);
    if (!isEmpty(child)) children.set(element, child);
  }
  return { member: keep(a.member, b.member), children };
}

/** Paths in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

/** Paths in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Paths in `a` but not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** True for two sets of the same paths. */
export function sameFields(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

/** Every path, as lists of elements. */
export function pathsOf(set: FieldSet): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = set.member ? [[]] : [];
  for (const [element, child] of set.children) for (const path of pathsOf(child)) paths.push([element, ...path]);
  return paths;
}

/** The set of the given paths. */
export function fieldSetOf(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((child, element) => ({ member: false, children: new Map([[element, child]]) }), {
          member: true,
          children: new Map(),
        }),
      ),
    emptyFieldSet,
  );
}

/** Without the subtrees at the given paths (`["f:status"]`). */
export function without(set: FieldSet, path: readonly string[]): FieldSet {
  const [first, ...rest] = path;
  if (first === undefined) return emptyFieldSet;
  const child = set.children.get(first);
  if (child === undefined) return set;
  const children = new Map(set.children);
  const left = rest.length === 0 ? emptyFieldSet : without(child, rest);
  if (isEmpty(left)) children.delete(first);
  else children.set(first, left);
  return { member: set.member, children };
}

/** FieldsV1, keys sorted. */
export function encodeFieldSet(set: FieldSet): JsonObject {
  const encoded: JsonObject = {};
  if (set.member && set.children.size > 0) encoded["."] = {};
  for (const element of [...set.children.keys()].sort())
    encoded[element] = encodeFieldSet(set.children.get(element) ?? emptyFieldSet);
  return encoded;
}

/** Reads FieldsV1. */
export function decodeFieldSet(fields: JsonObject): FieldSet {
  const decode = (node: JsonObject): FieldSet => {
    const children = new Map<string, FieldSet>();
    for (const [element, child] of Object.entries(node))
      if (element !== "." && isObject(child)) children.set(element, decode(child));
    return { member: Object.hasOwn(node, ".") || children.size === 0, children };
  };
  return { ...decode(fields), member: false };
}
