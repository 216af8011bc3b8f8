import type { KubernetesObject } from "@herald-lb/k8s-glue";
import type { ApiError, ApiErrorCode, ApiRequest, Query } from "@herald-lb/k8s-glue/client";
import { err, ok, type Result } from "@herald-lb/sansio";

/** An object as the server keeps it. */
export type Json = KubernetesObject & { readonly [field: string]: unknown };

/** One write that changed something. */
export interface Written {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The collection's path over all namespaces. */
  readonly collection: string;
  readonly object: Json;
}

interface Change extends Written {
  readonly revision: number;
  readonly line: Uint8Array;
}

interface Watcher {
  readonly collection: string;
  readonly namespace: string;
  readonly deliver: (line: Uint8Array) => void;
}

const text = new TextEncoder();
const PATH =
  /^(\/(?:api\/v1|apis\/[^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/**
 * An API server in memory that does everything at once, whenever it is asked: versions, conflicts, patches that change nothing, and
 * watches from any version since its beginning. It validates nothing.
 */
export class MemoryApiServer {
  /** Told of every write that changed something, before the watches are. */
  onWritten: (written: Written) => void = () => {};
  readonly #wallClock: () => number;
  readonly #collections = new Map<string, Map<string, Json>>();
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  #revision = 1;

  /** Objects are dated by `wallClock`, milliseconds since 1970. */
  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
  }

  /** Every object of a collection, by `namespace/name`. */
  objects(collection: string): ReadonlyMap<string, Json> {
    return this.#collections.get(collection) ?? new Map();
  }

  /** Answers one request. */
  handle({
    method,
    path,
    query,
    body,
  }: Pick<ApiRequest, "method" | "path" | "query" | "body">): Result<Json, ApiError> {
    const [, root = "", namespace = "", plural = "", name = "", subresource = ""] = PATH.exec(path) ?? [];
    const collection = `${root}/${plural}`;
    const objects = this.#collections.get(collection) ?? new Map<string, Json>();
    this.#collections.set(collection, objects);
    const given = body as Json;
    const key = `${namespace}/${name === "" ? (given?.metadata?.name ?? "") : name}`;
    const live = objects.get(key);
    if (method === "GET" && name === "") return ok(this.#list([...objects.values()], namespace));
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
    const next = method === "PUT" ? given : (merged(live, given) as Json);
    const versioned = { ...next, metadata: { ...next.metadata, resourceVersion: live.metadata?.resourceVersion } };
    return ok(JSON.stringify(versioned) === JSON.stringify(live) ? live : this.#put(collection, key, next));
  }

  /** Opens a watch; what it returns closes it. */
  watch(path: string, query: Query | undefined, deliver: (line: Uint8Array) => void): () => void {
    const [, root = "", namespace = "", plural = ""] = PATH.exec(path) ?? [];
    const watcher = { collection: `${root}/${plural}`, namespace, deliver };
    const since = Number(query?.["resourceVersion"] ?? 0);
    for (const change of this.#changes) if (change.revision > since) this.#tell(watcher, change);
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #list(objects: readonly Json[], namespace: string): Json {
    const items = objects.filter(({ metadata }) => namespace === "" || metadata?.namespace === namespace);
    return { metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #put(collection: string, key: string, object: Json): Json {
    const revision = ++this.#revision;
    const objects = this.#collections.get(collection) as Map<string, Json>;
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

  #remove(collection: string, key: string, live: Json): Json {
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

  #tell({ collection, namespace, deliver }: Watcher, change: Change): void {
    if (change.collection !== collection) return;
    if (namespace === "" || change.object.metadata?.namespace === namespace) deliver(change.line);
  }
}

/** RFC 7396, which stands in for server-side apply as well: nobody else's fields are at stake here. */
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
