import { keyOf, type KubernetesObject, type ObjectKey, type Resource } from "@herald-lb/k8s-glue/objects";
import { type Clock, createDriver, type Driver } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import { createJitter } from "./jitter.ts";
import { createListerWatcher } from "./lister-watcher.ts";
import {
  defaultReflectorConfig,
  type ReflectorConfig,
  type ReflectorEffect,
  type ReflectorEvent,
  type ReflectorFailure,
  type ReflectorState,
} from "./reflector-state.ts";
import { createReflector, isHealthyReflector, stoppedReflector } from "./reflector.ts";
import { createStore, type Indexer, type Store, type StoreChange, type StoreReader } from "./store.ts";
import { createSyncLatch } from "./sync-latch.ts";
import type { Transport } from "./transport.ts";

/** The effects of a reflector that change the store. */
type StoreEffect<T extends KubernetesObject> = Extract<
  ReflectorEffect<T>,
  { type: "ReplaceObjects" | "PutObject" | "RemoveObject" }
>;

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

/** Makes an informer; nothing is asked before `start`. Several may share a transport. */
export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): Informer<T> {
  const store = createStore<T>(options.indexers);
  const handlers = new Set<InformerHandler<T>>();
  const synced = createSyncLatch();
  const driver = createReflectorDriver(options, (effect) => {
    for (const change of changesOf(store, effect)) {
      for (const handler of handlers) tell(handler, change);
    }
    if (effect.type === "ReplaceObjects") synced.set();
  });
  return {
    store,
    hasSynced: synced.isSet,
    whenSynced: synced.whenSet,
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

/** Drives a reflector: carries out its requests, reports its failures, and hands its changes of the store to `write`. */
function createReflectorDriver<T extends KubernetesObject>(
  options: InformerOptions<T>,
  write: (effect: StoreEffect<T>) => void,
): Driver<ReflectorState<T>, ReflectorEvent<T>> {
  const { transport, clock, random, resource, namespace, labelSelector, fieldSelector } = options;
  const transform = options.transform ?? withoutManagedFields;
  const selectors = { labelSelector, fieldSelector };
  const { list, watch } = createListerWatcher<T>({ transport, resource, namespace, selectors, transform });
  const requests = new Map<number, AbortController>();
  const begin = (request: number, run: (controller: AbortController) => Promise<void>): void => {
    const controller = new AbortController();
    requests.set(request, controller);
    void run(controller).finally(() => requests.delete(request));
  };
  const perform = (effect: ReflectorEffect<T>): void => {
    switch (effect.type) {
      case "ListPage":
        return begin(effect.request, async ({ signal }) => driver.dispatch(await list(effect, signal)));
      case "OpenWatch":
        return begin(effect.request, (controller) => watch(effect, controller, (event) => driver.dispatch(event)));
      case "CancelRequest":
        return requests.get(effect.request)?.abort();
      case "ReplaceObjects":
      case "PutObject":
      case "RemoveObject":
        return write(effect);
      case "Failed":
        return options.onFailure?.(effect.failure, effect.error, effect.delay);
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
  return driver;
}

/** Drops `metadata.managedFields`, which is half of many objects and which no daemon reads. */
export function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function changesOf<T extends KubernetesObject>(store: Store<T>, effect: StoreEffect<T>): readonly StoreChange<T>[] {
  if (effect.type === "ReplaceObjects") return store.replace(effect.objects);
  const change = effect.type === "PutObject" ? store.put(effect.object) : store.remove(effect.object);
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
