import {
  addDeadline,
  clearDeadlines,
  createDeadlineHeap,
  type DeadlineHeap,
  earliestDeadline,
  type Instant,
  instant,
  type Machine,
  type Step,
  takeDue,
  unreachable,
} from "@herald-lb/sansio";
import { itemDelay, type RateLimits, takeToken, type TokenBucket } from "./rate-limiter.ts";

/** The state of a queue, changed in place: a step costs the same however long the queue is. */
export interface WorkQueueState<Key> {
  /** In the order they came, each once. */
  readonly queued: Set<Key>;
  readonly processing: Set<Key>;
  /** Added while in processing: due again as soon as that is done. */
  readonly again: Set<Key>;
  /** Go before all others as soon as they are queued. */
  readonly urgent: Set<Key>;
  readonly delayed: DeadlineHeap<Key>;
  readonly failures: Map<Key, number>;
  bucket: TokenBucket;
  phase: "Open" | "Draining" | "Drained";
}

/** The events of a queue. Delays in milliseconds. */
export type WorkQueueEvent<Key> =
  | { readonly type: "Added"; readonly key: Key }
  /** Added, and before all that waits already. */
  | { readonly type: "AddedFirst"; readonly key: Key }
  | { readonly type: "AddedAfter"; readonly key: Key; readonly delay: number }
  /** Added after as long as the key's failures and the load of the queue ask for; counts one failure. */
  | { readonly type: "AddedRateLimited"; readonly key: Key }
  /** The key's failures are over. */
  | { readonly type: "Forgotten"; readonly key: Key }
  /** The processing that `Process` began has ended. */
  | { readonly type: "Done"; readonly key: Key }
  /** No key is added from now on, and delayed keys are dropped; queued keys are processed if `drain`, else dropped. */
  | { readonly type: "ShutDown"; readonly drain: boolean };

/** The effects of a queue. */
export type WorkQueueEffect<Key> =
  | { readonly type: "Process"; readonly key: Key }
  /** Once, after `ShutDown`: nothing is queued or in processing any more. */
  | { readonly type: "Drained" };

/** The configuration of a queue. */
export interface WorkQueueConfig {
  /** Keys in processing at the same time. */
  readonly concurrency: number;
  readonly limits: RateLimits;
}

/** An empty queue, with a full bucket. */
export function emptyWorkQueue<Key>(config: WorkQueueConfig, now: Instant): WorkQueueState<Key> {
  return {
    queued: new Set(),
    processing: new Set(),
    again: new Set(),
    urgent: new Set(),
    delayed: createDeadlineHeap(),
    failures: new Map(),
    bucket: { tokens: config.limits.burst, at: now },
    phase: "Open",
  };
}

/**
 * client-go's rate-limited work queue: a key is queued once however often it is added, is never in processing twice at the same
 * time, and an addition during processing is not lost.
 */
export function createWorkQueueMachine<Key>(
  config: WorkQueueConfig,
): Machine<WorkQueueState<Key>, WorkQueueEvent<Key>, WorkQueueEffect<Key>> {
  return {
    step: (state, event, now) => {
      apply(config, state, event, now);
      return takeWork(config, state);
    },
    advance: (state, now) => {
      for (const key of takeDue(state.delayed, now)) add(state, key);
      return takeWork(config, state);
    },
    nextDeadline: (state) => earliestDeadline(state.delayed),
  };
}

function add<Key>(state: WorkQueueState<Key>, key: Key): void {
  if (state.phase !== "Open") return;
  (state.processing.has(key) ? state.again : state.queued).add(key);
}

function addAfter<Key>(state: WorkQueueState<Key>, key: Key, delay: number, now: Instant): void {
  if (state.phase !== "Open") return;
  if (!(delay > 0)) add(state, key);
  else addDeadline(state.delayed, key, instant(now + delay));
}

function addRateLimited<Key>(config: WorkQueueConfig, state: WorkQueueState<Key>, key: Key, now: Instant): void {
  if (state.phase !== "Open") return;
  const failures = state.failures.get(key) ?? 0;
  state.failures.set(key, failures + 1);
  const { bucket, delay } = takeToken(state.bucket, config.limits, now);
  state.bucket = bucket;
  addAfter(state, key, Math.max(delay, itemDelay(config.limits, failures)), now);
}

function done<Key>(state: WorkQueueState<Key>, key: Key): void {
  if (!state.processing.delete(key)) return;
  if (state.again.delete(key)) state.queued.add(key);
}

function shutDown<Key>(state: WorkQueueState<Key>, drain: boolean): void {
  if (state.phase === "Open") state.phase = "Draining";
  clearDeadlines(state.delayed);
  if (drain) return;
  state.queued.clear();
  state.again.clear();
  state.urgent.clear();
}

function takeWork<Key>(
  config: WorkQueueConfig,
  state: WorkQueueState<Key>,
): Step<WorkQueueState<Key>, WorkQueueEffect<Key>> {
  const effects: WorkQueueEffect<Key>[] = [];
  const take = (keys: Iterable<Key>): void => {
    for (const key of keys) {
      if (state.processing.size >= config.concurrency) return;
      if (!state.queued.delete(key)) continue;
      state.urgent.delete(key);
      state.processing.add(key);
      effects.push({ type: "Process", key });
    }
  };
  if (state.urgent.size > 0) take(state.urgent);
  take(state.queued);
  if (state.phase === "Draining" && state.queued.size === 0 && state.processing.size === 0) {
    state.phase = "Drained";
    effects.push({ type: "Drained" });
  }
  return { state, effects };
}

function apply<Key>(
  config: WorkQueueConfig,
  state: WorkQueueState<Key>,
  event: WorkQueueEvent<Key>,
  now: Instant,
): void {
  switch (event.type) {
    case "Added":
      return add(state, event.key);
    case "AddedFirst":
      if (state.phase === "Open") state.urgent.add(event.key);
      return add(state, event.key);
    case "AddedAfter":
      return addAfter(state, event.key, event.delay, now);
    case "AddedRateLimited":
      return addRateLimited(config, state, event.key, now);
    case "Forgotten":
      return void state.failures.delete(event.key);
    case "Done":
      return done(state, event.key);
    case "ShutDown":
      return shutDown(state, event.drain);
    default:
      return unreachable(event);
  }
}
