import { clone, equal, isObject, type Json, stringAt } from "../object/json.ts";

/** Why a JSON patch cannot be applied. */
export interface JsonPatchError {
  readonly error: string;
}

type Container = Json[] | { [key: string]: Json };

// RFC 6901 §4
const unescape = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");

function read(container: Json | undefined, token: string): Json | undefined {
  if (Array.isArray(container)) return /^(0|[1-9]\d*)$/.test(token) ? container[Number(token)] : undefined;
  return isObject(container) && Object.hasOwn(container, token) ? container[token] : undefined;
}

function locate(
  root: { value: Json },
  pointer: string,
): { readonly parent: Container; readonly token: string } | undefined {
  let parent: Json = root as unknown as Json;
  const tokens = ["value", ...pointer.split("/").slice(1).map(unescape)];
  const last = tokens.pop();
  for (const token of tokens) {
    const next = read(parent, token);
    if (next === undefined) return undefined;
    parent = next;
  }
  return last !== undefined && (Array.isArray(parent) || isObject(parent)) ? { parent, token: last } : undefined;
}

function insert(parent: Container, token: string, value: Json): boolean {
  if (!Array.isArray(parent)) {
    parent[token] = value;
    return true;
  }
  const index = token === "-" ? parent.length : Number(token);
  if (!Number.isInteger(index) || index < 0 || index > parent.length) return false;
  parent.splice(index, 0, value);
  return true;
}

function removeAt(parent: Container, token: string): Json | undefined {
  const found = read(parent, token);
  if (found === undefined) return undefined;
  if (Array.isArray(parent)) parent.splice(Number(token), 1);
  else delete parent[token];
  return found;
}

function applyOne(root: { value: Json }, operation: Json): string | undefined {
  const kind = stringAt(operation, "op");
  const path = stringAt(operation, "path");
  const at = locate(root, path);
  const value = isObject(operation) ? clone(operation["value"] ?? null) : null;
  if (at === undefined) return `${kind} operation does not apply: doc is missing path: "${path}": missing value`;
  const { parent, token } = at;
  const missing = `${kind} operation does not apply: doc is missing key: ${path}: missing value`;
  switch (kind) {
    case "add":
      return insert(parent, token, value) ? undefined : `${kind} operation does not apply: invalid index: ${path}`;
    case "remove":
      return removeAt(parent, token) === undefined ? missing : undefined;
    case "replace": {
      if (read(parent, token) === undefined) return missing;
      if (Array.isArray(parent)) parent[Number(token)] = value;
      else parent[token] = value;
      return undefined;
    }
    case "test":
      return equal(read(parent, token) ?? null, value) ? undefined : `testing value ${path} failed: test failed`;
    case "move":
    case "copy": {
      const from = locate(root, stringAt(operation, "from"));
      if (from === undefined) return missing;
      const found = kind === "move" ? removeAt(from.parent, from.token) : read(from.parent, from.token);
      if (found === undefined) return missing;
      return insert(parent, token, clone(found)) ? undefined : missing;
    }
    default:
      return `Unexpected kind: ${kind}`;
  }
}

/** Applies a JSON patch; either every operation applies or none. RFC 6902 §5. */
export function jsonPatch(target: Json, operations: readonly Json[]): { readonly value: Json } | JsonPatchError {
  const root = { value: clone(target) };
  for (const operation of operations) {
    const error = applyOne(root, operation);
    if (error !== undefined) return { error };
  }
  return { value: root.value };
}
