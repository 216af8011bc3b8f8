import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import type { ApiError, ApiErrorCode } from "../api-error.ts";
import type { ApiRequest, Query } from "../api-request.ts";

/** An object as the server stores it. */
export type StoredObject = KubernetesObject & { readonly [field: string]: unknown };

/** One write that changed something. */
export interface Written {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The collection's path over all namespaces. */
  readonly collection: string;
  readonly object: StoredObject;
}

interface Change extends Written {
  readonly revision: number;
  readonly line: Uint8Array;
}

interface Watcher {
  readonly collection: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly deliver: (line: Uint8Array) => void;
}

const text = new TextEncoder();
const PATH =
  /^(\/(?:api\/v1|apis\/[^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/**
 * An API server in memory for tests in virtual time. It answers every request at once, and has resource versions, conflicts, patches
 * that change nothing, label selectors, and watches from any version since its beginning. It validates nothing.
 */
export class MemoryApiServer {
  /** Is called with every write that changed something, before the watches are. */
  onWritten: (written: Written) => void = () => {};
  readonly #wallClock: () => number;
  readonly #collections = new Map<string, Map<string, StoredObject>>();
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  #revision = 1;

  /** Objects are dated by `wallClock`, milliseconds since 1970. */
  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
  }

  /** Every object of a collection, by `namespace/name`. */
  objects(collection: string): ReadonlyMap<string, StoredObject> {
    return this.#collections.get(collection) ?? new Map();
  }

  /** Answers one request. */
  handle({
    method,
    path,
    query,
    body,
  }: Pick<ApiRequest, "method" | "path" | "query" | "body">): Result<StoredObject, ApiError> {
    const [, root = "", namespace = "", plural = "", name = "", subresource = ""] = PATH.exec(path) ?? [];
    const collection = `${root}/${plural}`;
    const objects = this.#collections.get(collection) ?? new Map<string, StoredObject>();
    this.#collections.set(collection, objects);
    const given = body as StoredObject;
    const key = `${namespace}/${name === "" ? (given?.metadata?.name ?? "") : name}`;
    const live = objects.get(key);
    if (method === "GET" && name === "") return ok(this.#list(objects.values(), namespace, selectorOf(query)));
    if (method === "POST") {
      if (live !== undefined) return refused(409, "AlreadyExists");
      return ok(this.#put(collection, key, given));
    }
    const isApply = method === "PATCH" && query?.["force"] !== undefined;
    if (live === undefined) {
      return isApply && subresource === "" ? ok(this.#put(collection, key, given)) : refused(404, "NotFound");
    }
    if (method === "GET") return ok(live);
    const wanted = given?.metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== live.metadata?.resourceVersion) return refused(409, "Conflict");
    if (method === "DELETE") return ok(this.#remove(collection, key, live));
    const next = method === "PUT" ? given : (merged(live, given) as StoredObject);
    const versioned = { ...next, metadata: { ...next.metadata, resourceVersion: live.metadata?.resourceVersion } };
    return ok(JSON.stringify(versioned) === JSON.stringify(live) ? live : this.#put(collection, key, next));
  }

  /** Opens a watch and returns the function that closes it. */
  watch(path: string, query: Query | undefined, deliver: (line: Uint8Array) => void): () => void {
    const [, root = "", namespace = "", plural = ""] = PATH.exec(path) ?? [];
    const watcher = { collection: `${root}/${plural}`, namespace, labels: selectorOf(query), deliver };
    const since = Number(query?.["resourceVersion"] ?? 0);
    for (const change of this.#changes) if (change.revision > since) this.#tell(watcher, change);
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #list(objects: Iterable<StoredObject>, namespace: string, labels: ReadonlyMap<string, string>): StoredObject {
    const items = [...objects].filter((object) => isSelected(object, namespace, labels));
    return { metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #put(collection: string, key: string, object: StoredObject): StoredObject {
    const revision = ++this.#revision;
    const objects = this.#collections.get(collection) as Map<string, StoredObject>;
    const type = objects.has(key) ? "MODIFIED" : "ADDED";
    const dated = new Date(this.#wallClock()).toISOString().replace(/\.\d+Z$/, "Z");
    const metadata = {
      uid: `uid-${revision}`,
      generation: 1,
      creationTimestamp: dated,
      ...object.metadata,
      resourceVersion: String(revision),
    };
    const stored = { ...object, metadata };
    objects.set(key, stored);
    this.#changed({ type, collection, object: stored });
    return stored;
  }

  #remove(collection: string, key: string, live: StoredObject): StoredObject {
    const last = { ...live, metadata: { ...live.metadata, resourceVersion: String(++this.#revision) } };
    this.#collections.get(collection)?.delete(key);
    this.#changed({ type: "DELETED", collection, object: last });
    return last;
  }

  #changed(written: Written): void {
    const { type, object } = written;
    const line = text.encode(`${JSON.stringify({ type, object })}\n`);
    const change = { ...written, revision: this.#revision, line };
    this.#changes.push(change);
    this.onWritten(written);
    for (const watcher of this.#watchers) this.#tell(watcher, change);
  }

  #tell({ collection, namespace, labels, deliver }: Watcher, change: Change): void {
    if (change.collection === collection && isSelected(change.object, namespace, labels)) deliver(change.line);
  }
}

/** The labels that a query asks for; only terms of the form `name=value` are known here. */
function selectorOf(query: Query | undefined): ReadonlyMap<string, string> {
  const terms = String(query?.["labelSelector"] ?? "").split(",");
  return new Map(terms.filter((term) => term !== "").map((term) => term.split("=", 2) as [string, string]));
}

function isSelected({ metadata }: StoredObject, namespace: string, labels: ReadonlyMap<string, string>): boolean {
  if (namespace !== "" && metadata?.namespace !== namespace) return false;
  return [...labels].every(([name, value]) => metadata?.labels?.[name] === value);
}

/** RFC 7396, which stands in for server-side apply too: here no other manager owns a field. */
function merged(live: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(status: number, code: ApiErrorCode): Result<never, ApiError> {
  return err({ code, status, reason: code, message: code, retryAfter: null });
}
