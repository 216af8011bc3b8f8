import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { type Instant, instant, type Machine, type Step } from "@herald-lb/sansio";
import { type ApiError, apiErrorOfStatus } from "./api-error.ts";
import type {
  ReflectorConfig,
  ReflectorEffect,
  ReflectorEvent,
  ReflectorState,
  ReflectorFailure,
} from "./reflector-state.ts";
import { isOlderVersion } from "./resource-version.ts";
import type { WatchEvent } from "./watch-stream.ts";

/** A watch that ends in order but sooner than this, in milliseconds, counts as a failure: reopening it at once would be a storm. */
const SHORTEST_WATCH = 1_000;

type Reflected<T extends KubernetesObject> = Step<ReflectorState<T>, ReflectorEffect<T>>;
type Watching<T extends KubernetesObject> = Extract<ReflectorState<T>, { name: "Watching" }>;

/**
 * Keeps a set of objects equal to the server's: list in pages, then watch from the list's version, for ever. A connection that
 * breaks is resumed where it was; a server that no longer knows that version (410) is listed anew, and `ReplaceObjects` then says
 * also what has gone meanwhile. Until then nothing is taken back: a server that is down empties nothing.
 */
export function createReflector<T extends KubernetesObject>(
  config: ReflectorConfig,
): Machine<ReflectorState<T>, ReflectorEvent<T>, ReflectorEffect<T>> {
  return {
    step: (state, event, now) => step(config, state, event, now),
    advance: (state, now) => advance(config, state, now),
    nextDeadline,
  };
}

function list<T extends KubernetesObject>(
  config: ReflectorConfig,
  from: ReflectorState<T>,
  paged: boolean,
  effects: readonly ReflectorEffect<T>[] = [],
): Reflected<T> {
  const request = from.sequence + 1;
  return {
    state: { name: "Listing", sequence: request, failures: from.failures, request, pages: [], paged },
    effects: [...effects, { type: "ListPage", request, limit: paged ? config.pageSize : null, continueToken: null }],
  };
}

function watch<T extends KubernetesObject>(
  config: ReflectorConfig,
  from: ReflectorState<T>,
  resourceVersion: string,
  now: Instant,
  effects: readonly ReflectorEffect<T>[] = [],
): Reflected<T> {
  const request = from.sequence + 1;
  const { minWatchSeconds, maxWatchSeconds } = config;
  const timeoutSeconds = Math.round(minWatchSeconds + config.jitter(request) * (maxWatchSeconds - minWatchSeconds));
  return {
    state: {
      name: "Watching",
      sequence: request,
      failures: from.failures,
      request,
      resourceVersion,
      openedAt: now,
      accepted: false,
      stallTimer: instant(now + config.stallTimeout),
    },
    effects: [...effects, { type: "OpenWatch", request, resourceVersion, timeoutSeconds }],
  };
}

function probe<T extends KubernetesObject>(from: ReflectorState<T>, resourceVersion: string): Reflected<T> {
  const request = from.sequence + 1;
  return {
    state: { name: "Probing", sequence: request, failures: from.failures, request, resourceVersion },
    effects: [{ type: "ListPage", request, limit: 1, continueToken: null }],
  };
}

function wait<T extends KubernetesObject>(
  config: ReflectorConfig,
  from: ReflectorState<T>,
  resourceVersion: string | null,
  now: Instant,
  met: { readonly failure: ReflectorFailure; readonly error: ApiError | null },
  effects: readonly ReflectorEffect<T>[] = [],
): Reflected<T> {
  const sequence = from.sequence + 1;
  const ceiling = Math.min(config.longestDelay, config.firstDelay * 2 ** Math.min(from.failures, 16));
  const delay = config.jitter(sequence) * ceiling + (met.error?.retryAfter ?? 0);
  return {
    state: {
      name: "Waiting",
      sequence,
      failures: from.failures + 1,
      backoffTimer: instant(now + delay),
      resourceVersion,
    },
    effects: [...effects, { type: "Failed", ...met, delay }],
  };
}

function onPage<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: Extract<ReflectorState<T>, { name: "Listing" }>,
  event: Extract<ReflectorEvent<T>, { type: "PageListed" }>,
  now: Instant,
): Reflected<T> {
  const pages = [...state.pages, event.items];
  if (event.continueToken === null) {
    const healthy: ReflectorState<T> = { ...state, failures: 0 };
    return watch(config, healthy, event.resourceVersion, now, [{ type: "ReplaceObjects", objects: pages.flat() }]);
  }
  const request = state.sequence + 1;
  return {
    state: { ...state, sequence: request, request, pages },
    effects: [{ type: "ListPage", request, limit: config.pageSize, continueToken: event.continueToken }],
  };
}

function onListFailed<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: Extract<ReflectorState<T>, { name: "Listing" }>,
  error: ApiError,
  now: Instant,
): Reflected<T> {
  // The token of a later page lives about as long as etcd's history: a list that is too slow for it must come in one piece.
  if (error.code === "Gone" && state.paged && state.pages.length > 0) {
    return list(config, state, false, [{ type: "Failed", failure: "ContinueExpired", error, delay: 0 }]);
  }
  return wait(config, state, null, now, { failure: "ListFailed", error });
}

function onWatchEvent<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: Watching<T>,
  event: WatchEvent<T>,
  now: Instant,
): Reflected<T> {
  if (event.type === "ERROR") {
    return onWatchFailed(config, state, apiErrorOfStatus(event.status), now, [
      { type: "CancelRequest", request: state.request },
    ]);
  }
  const seen = event.type === "BOOKMARK" ? event.resourceVersion : (event.object.metadata?.resourceVersion ?? "");
  if (isOlderVersion(seen, state.resourceVersion)) {
    const cancelled: ReflectorEffect<T> = { type: "CancelRequest", request: state.request };
    return wait(config, state, null, now, { failure: "HistoryLost", error: null }, [cancelled]);
  }
  const next: Watching<T> = {
    ...state,
    failures: 0,
    resourceVersion: seen === "" ? state.resourceVersion : seen,
    stallTimer: instant(now + config.stallTimeout),
  };
  switch (event.type) {
    case "BOOKMARK":
      return { state: next, effects: [] };
    case "DELETED":
      return { state: next, effects: [{ type: "RemoveObject", object: event.object }] };
    case "ADDED":
    case "MODIFIED":
      return { state: next, effects: [{ type: "PutObject", object: event.object }] };
  }
}

function onWatchFailed<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: Watching<T> | Extract<ReflectorState<T>, { name: "Probing" }>,
  error: ApiError,
  now: Instant,
  effects: readonly ReflectorEffect<T>[] = [],
): Reflected<T> {
  // The server answers again: the list need not wait for the back-off of earlier failures.
  if (error.code === "Gone")
    return wait(config, { ...state, failures: 0 }, null, now, { failure: "Expired", error }, effects);
  // 504 from the server is "Too large resource version": it has less history than we saw. Other refusals of the version are final, too.
  const refused = error.status === 504 || (error.status >= 400 && error.status < 500 && !isPassing(error));
  return wait(
    config,
    state,
    refused ? null : state.resourceVersion,
    now,
    { failure: refused ? "HistoryLost" : "WatchFailed", error },
    effects,
  );
}

function onWatchEnded<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: Watching<T>,
  error: ApiError | null,
  now: Instant,
): Reflected<T> {
  if (error !== null) return onWatchFailed(config, state, error, now);
  if (now - state.openedAt < SHORTEST_WATCH)
    return wait(config, state, state.resourceVersion, now, { failure: "WatchFailed", error });
  return watch(config, { ...state, failures: 0 }, state.resourceVersion, now);
}

function isCurrent<T extends KubernetesObject>(state: ReflectorState<T>, request: number): boolean {
  return "request" in state && state.request === request;
}

function step<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: ReflectorState<T>,
  event: ReflectorEvent<T>,
  now: Instant,
): Reflected<T> {
  if (event.type === "Started")
    return state.name === "Stopped" ? list(config, { ...state, failures: 0 }, true) : { state, effects: [] };
  if (event.type === "Stopped") {
    const effects: readonly ReflectorEffect<T>[] =
      "request" in state ? [{ type: "CancelRequest", request: state.request }] : [];
    return { state: { name: "Stopped", sequence: state.sequence, failures: 0 }, effects };
  }
  if (!isCurrent(state, event.request)) return { state, effects: [] };
  if (state.name === "Listing" && event.type === "PageListed") return onPage(config, state, event, now);
  if (state.name === "Listing" && event.type === "ListFailed") return onListFailed(config, state, event.error, now);
  if (state.name === "Probing" && event.type === "PageListed") {
    if (!isOlderVersion(event.resourceVersion, state.resourceVersion))
      return watch(config, state, state.resourceVersion, now);
    return list(config, { ...state, failures: 0 }, true, [
      { type: "Failed", failure: "HistoryLost", error: null, delay: 0 },
    ]);
  }
  if (state.name === "Probing" && event.type === "ListFailed") return onWatchFailed(config, state, event.error, now);
  if (state.name === "Watching" && event.type === "WatchAccepted")
    return { state: { ...state, accepted: true }, effects: [] };
  if (state.name === "Watching" && event.type === "WatchEventReceived")
    return onWatchEvent(config, state, event.event, now);
  if (state.name === "Watching" && event.type === "WatchEnded") return onWatchEnded(config, state, event.error, now);
  return { state, effects: [] };
}

function advance<T extends KubernetesObject>(
  config: ReflectorConfig,
  state: ReflectorState<T>,
  now: Instant,
): Reflected<T> {
  if (state.name === "Waiting" && now >= state.backoffTimer) {
    return state.resourceVersion === null ? list(config, state, true) : probe(state, state.resourceVersion);
  }
  if (state.name === "Watching" && now >= state.stallTimer) {
    const cancelled: ReflectorEffect<T> = { type: "CancelRequest", request: state.request };
    return wait(config, state, state.resourceVersion, now, { failure: "WatchStalled", error: null }, [cancelled]);
  }
  return { state, effects: [] };
}

function nextDeadline<T extends KubernetesObject>(state: ReflectorState<T>): Instant | null {
  if (state.name === "Waiting") return state.backoffTimer;
  return state.name === "Watching" ? state.stallTimer : null;
}

/** A reflector that has not started. */
export function stoppedReflector<T extends KubernetesObject>(): ReflectorState<T> {
  return { name: "Stopped", sequence: 0, failures: 0 };
}

/**
 * True if the server answered the last request, or none has failed yet. The back-off is independent: a watch that is accepted may
 * still end at once, so `failures` lasts until the watch brings an event.
 */
export function isHealthyReflector<T extends KubernetesObject>(state: ReflectorState<T>): boolean {
  if (state.name === "Stopped") return false;
  return state.failures === 0 || (state.name === "Watching" && state.accepted);
}

/** Refusals that say nothing about the version asked for: the rights, the time, the load. */
function isPassing(error: ApiError): boolean {
  return (
    error.code === "Unauthorized" ||
    error.code === "Forbidden" ||
    error.code === "Timeout" ||
    error.code === "TooManyRequests"
  );
}
