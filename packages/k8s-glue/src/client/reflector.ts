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

/**
 * Keeps a set of objects equal to the server's: list in pages, then watch from the list's version, for ever. A connection that
 * breaks is resumed where it was; a server that no longer knows that version (410) is listed anew, and `ReplaceObjects` then says
 * also what has gone meanwhile. Until then nothing is taken back: a server that is down empties nothing.
 */
export function createReflector<T extends KubernetesObject>(
  config: ReflectorConfig,
): Machine<ReflectorState<T>, ReflectorEvent<T>, ReflectorEffect<T>> {
  type State = ReflectorState<T>;
  type Effect = ReflectorEffect<T>;
  type Reflected = Step<State, Effect>;
  type Watching = Extract<State, { name: "Watching" }>;

  const list = (from: State, paged: boolean, effects: readonly Effect[] = []): Reflected => {
    const request = from.sequence + 1;
    return {
      state: { name: "Listing", sequence: request, failures: from.failures, request, pages: [], paged },
      effects: [...effects, { type: "ListPage", request, limit: paged ? config.pageSize : null, continueToken: null }],
    };
  };

  const watch = (from: State, resourceVersion: string, now: Instant, effects: readonly Effect[] = []): Reflected => {
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
  };

  const probe = (from: State, resourceVersion: string): Reflected => {
    const request = from.sequence + 1;
    return {
      state: { name: "Probing", sequence: request, failures: from.failures, request, resourceVersion },
      effects: [{ type: "ListPage", request, limit: 1, continueToken: null }],
    };
  };

  const wait = (
    from: State,
    resourceVersion: string | null,
    now: Instant,
    met: { readonly failure: ReflectorFailure; readonly error: ApiError | null },
    effects: readonly Effect[] = [],
  ): Reflected => {
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
  };

  const onPage = (
    state: Extract<State, { name: "Listing" }>,
    event: Extract<ReflectorEvent<T>, { type: "PageListed" }>,
    now: Instant,
  ): Reflected => {
    const pages = [...state.pages, event.items];
    if (event.continueToken === null) {
      const healthy: State = { ...state, failures: 0 };
      return watch(healthy, event.resourceVersion, now, [{ type: "ReplaceObjects", objects: pages.flat() }]);
    }
    const request = state.sequence + 1;
    return {
      state: { ...state, sequence: request, request, pages },
      effects: [{ type: "ListPage", request, limit: config.pageSize, continueToken: event.continueToken }],
    };
  };

  const onListFailed = (state: Extract<State, { name: "Listing" }>, error: ApiError, now: Instant): Reflected => {
    // The token of a later page lives about as long as etcd's history: a list that is too slow for it must come in one piece.
    if (error.code === "Gone" && state.paged && state.pages.length > 0) {
      return list(state, false, [{ type: "Failed", failure: "ContinueExpired", error, delay: 0 }]);
    }
    return wait(state, null, now, { failure: "ListFailed", error });
  };

  const onWatchEvent = (state: Watching, event: WatchEvent<T>, now: Instant): Reflected => {
    if (event.type === "ERROR") {
      return onWatchFailed(state, apiErrorOfStatus(event.status), now, [
        { type: "CancelRequest", request: state.request },
      ]);
    }
    const seen = event.type === "BOOKMARK" ? event.resourceVersion : (event.object.metadata?.resourceVersion ?? "");
    if (isOlderVersion(seen, state.resourceVersion)) {
      const cancelled: Effect = { type: "CancelRequest", request: state.request };
      return wait(state, null, now, { failure: "HistoryLost", error: null }, [cancelled]);
    }
    const next: Watching = {
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
  };

  const onWatchFailed = (
    state: Watching | Extract<State, { name: "Probing" }>,
    error: ApiError,
    now: Instant,
    effects: readonly Effect[] = [],
  ): Reflected => {
    // The server answers again, whatever failed before: the list need not wait for that.
    if (error.code === "Gone")
      return wait({ ...state, failures: 0 }, null, now, { failure: "Expired", error }, effects);
    // 504 from the server is "Too large resource version": it has less history than we saw. Other refusals of the version are final, too.
    const refused = error.status === 504 || (error.status >= 400 && error.status < 500 && !isPassing(error));
    return wait(
      state,
      refused ? null : state.resourceVersion,
      now,
      { failure: refused ? "HistoryLost" : "WatchFailed", error },
      effects,
    );
  };

  const onWatchEnded = (state: Watching, error: ApiError | null, now: Instant): Reflected => {
    if (error !== null) return onWatchFailed(state, error, now);
    if (now - state.openedAt < SHORTEST_WATCH)
      return wait(state, state.resourceVersion, now, { failure: "WatchFailed", error });
    return watch({ ...state, failures: 0 }, state.resourceVersion, now);
  };

  const isCurrent = (state: State, request: number): boolean => "request" in state && state.request === request;

  const step = (state: State, event: ReflectorEvent<T>, now: Instant): Reflected => {
    if (event.type === "Started")
      return state.name === "Stopped" ? list({ ...state, failures: 0 }, true) : { state, effects: [] };
    if (event.type === "Stopped") {
      const effects: readonly Effect[] = "request" in state ? [{ type: "CancelRequest", request: state.request }] : [];
      return { state: { name: "Stopped", sequence: state.sequence, failures: 0 }, effects };
    }
    if (!isCurrent(state, event.request)) return { state, effects: [] };
    if (state.name === "Listing" && event.type === "PageListed") return onPage(state, event, now);
    if (state.name === "Listing" && event.type === "ListFailed") return onListFailed(state, event.error, now);
    if (state.name === "Probing" && event.type === "PageListed") {
      if (!isOlderVersion(event.resourceVersion, state.resourceVersion))
        return watch(state, state.resourceVersion, now);
      return list({ ...state, failures: 0 }, true, [{ type: "Failed", failure: "HistoryLost", error: null, delay: 0 }]);
    }
    if (state.name === "Probing" && event.type === "ListFailed") return onWatchFailed(state, event.error, now);
    if (state.name === "Watching" && event.type === "WatchAccepted")
      return { state: { ...state, accepted: true }, effects: [] };
    if (state.name === "Watching" && event.type === "WatchEventReceived") return onWatchEvent(state, event.event, now);
    if (state.name === "Watching" && event.type === "WatchEnded") return onWatchEnded(state, event.error, now);
    return { state, effects: [] };
  };

  const advance = (state: State, now: Instant): Reflected => {
    if (state.name === "Waiting" && now >= state.backoffTimer) {
      return state.resourceVersion === null ? list(state, true) : probe(state, state.resourceVersion);
    }
    if (state.name === "Watching" && now >= state.stallTimer) {
      const cancelled: Effect = { type: "CancelRequest", request: state.request };
      return wait(state, state.resourceVersion, now, { failure: "WatchStalled", error: null }, [cancelled]);
    }
    return { state, effects: [] };
  };

  const nextDeadline = (state: State): Instant | null => {
    if (state.name === "Waiting") return state.backoffTimer;
    return state.name === "Watching" ? state.stallTimer : null;
  };

  return { step, advance, nextDeadline };
}

/** A reflector that has not started. */
export function stoppedReflector<T extends KubernetesObject>(): ReflectorState<T> {
  return { name: "Stopped", sequence: 0, failures: 0 };
}

/**
 * Whether the server answered the last request, or none has failed yet. The back-off is another matter: a watch that is accepted may
 * still end at once, so `failures` lasts until the watch brings something.
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
