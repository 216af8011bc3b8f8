import {
  apiVersionOf,
  collectionPath,
  keyOf,
  type KubernetesObject,
  type ObjectKey,
  type Resource,
} from "@herald-lb/k8s-glue/objects";
import { type Clock, createDriver, type Driver } from "@herald-lb/sansio";
import { type ApiError, localError } from "./api-error.ts";
import type { Query } from "./api-request.ts";
import { createJitter } from "./jitter.ts";
import {
  defaultReflectorConfig,
  type ReflectorConfig,
  type ReflectorEffect,
  type ReflectorEvent,
  type ReflectorState,
  type ReflectorFailure,
} from "./reflector-state.ts";
import { createReflector, isHealthyReflector, stoppedReflector } from "./reflector.ts";
import { createStore, type Indexer, type StoreChange, type StoreReader } from "./store.ts";
import type { Transport } from "./transport.ts";
import { readWatchEvent, splitLines } from "./watch-stream.ts";

/** Told of changes right after the store has them. Must return at once: put the key in a queue, no more. */
export interface InformerHandler<T extends KubernetesObject> {
  readonly onAdd?: (key: ObjectKey, object: T) => void;
  readonly onUpdate?: (key: ObjectKey, object: T, previous: T) => void;
  readonly onDelete?: (key: ObjectKey, last: T) => void;
}

/** Which objects to follow, and with what. */
export interface InformerOptions<T extends KubernetesObject> {
  readonly transport: Transport;
  readonly clock: Clock;
  /** In [0, 1); for jitter. */
  readonly random: () => number;
  readonly resource: Resource;
  /** One namespace alone; all by default. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Reduces an object to the fields that are read, before the cache holds it; drops `metadata.managedFields` by default. */
  readonly transform?: (object: T) => T;
  readonly config?: Partial<Omit<ReflectorConfig, "jitter">>;
  /** For the log and metrics: the cache is as it was, and the informer goes on by itself. */
  readonly onFailure?: (failure: ReflectorFailure, error: ApiError | null, delay: number) => void;
}

/** A cache of one kind of object that follows the server. */
export interface Informer<T extends KubernetesObject> {
  readonly store: StoreReader<T>;
  /** True once the first list is in the store and its handlers have run. */
  readonly hasSynced: () => boolean;
  /** Resolves then; rejects with the signal's reason when it is aborted first. */
  readonly whenSynced: (signal?: AbortSignal) => Promise<void>;
  /** True while a list or watch is under way without a failure since the last answer. */
  readonly isHealthy: () => boolean;
  /** Adds a handler, which is told of everything already there by `onAdd`. Returns what removes it. */
  readonly addHandler: (handler: InformerHandler<T>) => () => void;
  readonly start: () => void;
  /** Ends the watch; the store stays as it is. */
  readonly stop: () => void;
}

interface ListAnswer<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

/** Makes an informer; nothing is asked before `start`. Several may share a transport. */
export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): Informer<T> {
  const { transport, clock, random, resource } = options;
  const transform = options.transform ?? withoutManagedFields;
  const path = collectionPath(resource, options.namespace);
  const selectors: Query = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
  const store = createStore<T>(options.indexers);
  const handlers = new Set<InformerHandler<T>>();
  const waiting = new Set<() => void>();
  const requests = new Map<number, AbortController>();
  let synced = false;

  const deliver = (changes: readonly StoreChange<T>[]): void => {
    for (const change of changes) {
      for (const handler of handlers) tell(handler, change);
    }
  };

  const listPage = async (
    effect: Extract<ReflectorEffect<T>, { type: "ListPage" }>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { request } = effect;
    const query: Query = {
      ...selectors,
      limit: effect.limit ?? undefined,
      continue: effect.continueToken ?? undefined,
    };
    const answer = await transport.request<ListAnswer<T>>({ method: "GET", path, query, signal, retries: 0 });
    if (!answer.ok) {
      driver.dispatch({ type: "ListFailed", request, error: answer.error });
      return;
    }
    const { metadata, items } = answer.value;
    if (metadata?.resourceVersion === undefined || !(Array.isArray(items) || items === null || items === undefined)) {
      driver.dispatch({
        type: "ListFailed",
        request,
        error: localError("BadResponse", "", `GET ${path}: the answer is no list`),
      });
      return;
    }
    driver.dispatch({
      type: "PageListed",
      request,
      // Items of a list lack both, objects of a watch have them: the cache holds one shape.
      items: (items ?? []).map((item: T) =>
        transform({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind }),
      ),
      resourceVersion: metadata.resourceVersion,
      continueToken: metadata.continue === undefined || metadata.continue === "" ? null : metadata.continue,
    });
  };

  const follow = async (
    effect: Extract<ReflectorEffect<T>, { type: "OpenWatch" }>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { request, resourceVersion, timeoutSeconds } = effect;
    const ended = (error: ApiError | null): void => driver.dispatch({ type: "WatchEnded", request, error });
    const query: Query = { ...selectors, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
    const opened = await transport.watch({ path, query, signal });
    if (!opened.ok) {
      ended(opened.error);
      return;
    }
    driver.dispatch({ type: "WatchAccepted", request });
    const chunks = opened.value[Symbol.asyncIterator]();
    let pending: Uint8Array = new Uint8Array(0);
    for (;;) {
      const chunk = await chunks.next().catch((error: unknown) => broken(path, error));
      if ("code" in chunk || chunk.done === true) {
        // A line without its newline is no event: the next watch brings it whole.
        ended("code" in chunk ? chunk : null);
        return;
      }
      const split = splitLines(pending, chunk.value);
      pending = split.pending;
      for (const line of split.lines) {
        if (signal.aborted) return;
        const event = readWatchEvent<T>(line);
        if (!event.ok) {
          requests.get(request)?.abort();
          ended(localError("BadResponse", event.error.code, `watch of ${path}: ${event.error.line}`));
          return;
        }
        const { value } = event;
        driver.dispatch({
          type: "WatchEventReceived",
          request,
          event: "object" in value ? { ...value, object: transform(value.object) } : value,
        });
      }
    }
  };

  const begin = (request: number, run: (signal: AbortSignal) => Promise<void>): void => {
    const controller = new AbortController();
    requests.set(request, controller);
    void run(controller.signal).finally(() => requests.delete(request));
  };

  const perform = (effect: ReflectorEffect<T>): void => {
    switch (effect.type) {
      case "ListPage":
        begin(effect.request, (signal) => listPage(effect, signal));
        return;
      case "OpenWatch":
        begin(effect.request, (signal) => follow(effect, signal));
        return;
      case "CancelRequest":
        requests.get(effect.request)?.abort();
        return;
      case "ReplaceObjects":
        deliver(store.replace(effect.objects));
        synced = true;
        for (const resolve of waiting) resolve();
        waiting.clear();
        return;
      case "PutObject":
        deliver(changesOf(store.put(effect.object)));
        return;
      case "RemoveObject":
        deliver(changesOf(store.remove(effect.object)));
        return;
      case "Failed":
        options.onFailure?.(effect.failure, effect.error, effect.delay);
        return;
    }
  };

  const driver: Driver<ReflectorState<T>, ReflectorEvent<T>> = createDriver({
    machine: createReflector<T>({
      ...defaultReflectorConfig,
      ...options.config,
      jitter: createJitter(Math.floor(random() * 2 ** 32)),
    }),
    initial: stoppedReflector<T>(),
    perform,
    clock,
  });

  return {
    store,
    hasSynced: () => synced,
    whenSynced: (signal) =>
      new Promise((resolve, reject) => {
        if (synced) return resolve();
        if (signal?.aborted === true) return reject(reasonOf(signal));
        const done = (): void => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        };
        const aborted = (): void => {
          waiting.delete(done);
          if (signal !== undefined) reject(reasonOf(signal));
        };
        waiting.add(done);
        signal?.addEventListener("abort", aborted, { once: true });
      }),
    isHealthy: () => isHealthyReflector(driver.state),
    addHandler: (handler) => {
      handlers.add(handler);
      for (const object of store.list()) tell(handler, { type: "Added", key: keyOf(object), object });
      return () => void handlers.delete(handler);
    },
    start: () => driver.dispatch({ type: "Started" }),
    stop: () => driver.dispatch({ type: "Stopped" }),
  };
}

/** Drops `metadata.managedFields`, which is half of many an object and which nobody reads. */
export function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function changesOf<T>(change: StoreChange<T> | null): readonly StoreChange<T>[] {
  return change === null ? [] : [change];
}

function tell<T extends KubernetesObject>(handler: InformerHandler<T>, change: StoreChange<T>): void {
  switch (change.type) {
    case "Added":
      return handler.onAdd?.(change.key, change.object);
    case "Updated":
      return handler.onUpdate?.(change.key, change.object, change.previous);
    case "Deleted":
      return handler.onDelete?.(change.key, change.object);
  }
}

function broken(path: string, error: unknown): ApiError {
  return localError("Unreachable", "", `watch of ${path}: ${error instanceof Error ? error.message : String(error)}`);
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
