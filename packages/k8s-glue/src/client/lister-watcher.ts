import { apiVersionOf, collectionPath, type KubernetesObject, type Resource } from "@herald-lb/k8s-glue/objects";
import { type ApiError, localError } from "./api-error.ts";
import type { Query } from "./api-request.ts";
import type { ReflectorEffect, ReflectorEvent } from "./reflector-state.ts";
import type { Transport } from "./transport.ts";
import { readWatchEvent, splitLines } from "./watch-stream.ts";

/** The objects to list and watch, and the way to them. */
export interface ListerWatcherOptions<T extends KubernetesObject> {
  readonly transport: Transport;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly selectors: Pick<Query, "labelSelector" | "fieldSelector">;
  /** Applied to each object before it is handed on. */
  readonly transform: (object: T) => T;
}

/** Carries out the requests of a reflector; the answers are the reflector's events. */
export interface ListerWatcher<T extends KubernetesObject> {
  /** Lists one page. */
  readonly list: (
    effect: Extract<ReflectorEffect<T>, { type: "ListPage" }>,
    signal: AbortSignal,
  ) => Promise<ReflectorEvent<T>>;
  /** Follows one watch to its end. A line that is no event ends it: `request` is aborted then. */
  readonly watch: (
    effect: Extract<ReflectorEffect<T>, { type: "OpenWatch" }>,
    request: AbortController,
    dispatch: (event: ReflectorEvent<T>) => void,
  ) => Promise<void>;
}

interface ListAnswer<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

/** Makes a lister and watcher; nothing is asked before it is called. */
export function createListerWatcher<T extends KubernetesObject>(options: ListerWatcherOptions<T>): ListerWatcher<T> {
  return {
    list: (effect, signal) => listPage(options, effect, signal),
    watch: (effect, request, dispatch) => followWatch(options, effect, request, dispatch),
  };
}

async function listPage<T extends KubernetesObject>(
  { transport, resource, namespace, selectors, transform }: ListerWatcherOptions<T>,
  { request, limit, continueToken }: Extract<ReflectorEffect<T>, { type: "ListPage" }>,
  signal: AbortSignal,
): Promise<ReflectorEvent<T>> {
  const path = collectionPath(resource, namespace);
  const query: Query = { ...selectors, limit: limit ?? undefined, continue: continueToken ?? undefined };
  const answer = await transport.request<ListAnswer<T>>({ method: "GET", path, query, signal, retries: 0 });
  if (!answer.ok) return { type: "ListFailed", request, error: answer.error };
  const { metadata, items } = answer.value;
  if (metadata?.resourceVersion === undefined || !(Array.isArray(items) || items === null || items === undefined)) {
    const error = localError("BadResponse", "", `GET ${path}: the answer is no list`);
    return { type: "ListFailed", request, error };
  }
  const { kind } = resource;
  const apiVersion = apiVersionOf(resource);
  return {
    type: "PageListed",
    request,
    // Items of a list lack both, objects of a watch have them: the cache holds one shape.
    items: (items ?? []).map((item: T) => transform({ ...item, apiVersion, kind })),
    resourceVersion: metadata.resourceVersion,
    continueToken: metadata.continue === undefined || metadata.continue === "" ? null : metadata.continue,
  };
}

async function followWatch<T extends KubernetesObject>(
  { transport, resource, namespace, selectors, transform }: ListerWatcherOptions<T>,
  { request, resourceVersion, timeoutSeconds }: Extract<ReflectorEffect<T>, { type: "OpenWatch" }>,
  controller: AbortController,
  dispatch: (event: ReflectorEvent<T>) => void,
): Promise<void> {
  const path = collectionPath(resource, namespace);
  const { signal } = controller;
  const ended = (error: ApiError | null): void => dispatch({ type: "WatchEnded", request, error });
  const query: Query = { ...selectors, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
  const opened = await transport.watch({ path, query, signal });
  if (!opened.ok) return ended(opened.error);
  dispatch({ type: "WatchAccepted", request });
  const chunks = opened.value[Symbol.asyncIterator]();
  let pending: Uint8Array = new Uint8Array(0);
  for (;;) {
    const chunk = await chunks.next().catch((error: unknown) => brokenWatch(path, error));
    // A line without its newline is no event: the next watch brings it whole.
    if ("code" in chunk || chunk.done === true) return ended("code" in chunk ? chunk : null);
    const split = splitLines(pending, chunk.value);
    pending = split.pending;
    for (const line of split.lines) {
      if (signal.aborted) return;
      const event = readWatchEvent<T>(line);
      if (!event.ok) {
        controller.abort();
        return ended(localError("BadResponse", event.error.code, `watch of ${path}: ${event.error.line}`));
      }
      const { value } = event;
      const transformed = "object" in value ? { ...value, object: transform(value.object) } : value;
      dispatch({ type: "WatchEventReceived", request, event: transformed });
    }
  }
}

function brokenWatch(path: string, error: unknown): ApiError {
  return localError("Unreachable", "", `watch of ${path}: ${error instanceof Error ? error.message : String(error)}`);
}
