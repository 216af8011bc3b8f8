import { type Clock, createDriver, type Driver } from "@herald-lb/sansio";
import { defaultRateLimits, type RateLimits } from "./rate-limiter.ts";
import {
  createWorkQueueMachine,
  emptyWorkQueue,
  type WorkQueueConfig,
  type WorkQueueEffect,
  type WorkQueueEvent,
  type WorkQueueState,
} from "./work-queue.ts";

/** The result of processing a key: done; again after the back-off; or again after a number of milliseconds. */
export type ReconcileResult =
  | { readonly type: "Done" }
  | { readonly type: "Retry" }
  | { readonly type: "RetryAfter"; readonly delay: number };

/** Options of a work queue. */
export interface WorkQueueOptions<Key> {
  readonly clock: Clock;
  /** Reconciles one key. A rejection is a bug and is not caught. */
  readonly process: (key: Key) => Promise<ReconcileResult> | ReconcileResult;
  /** 1 by default. */
  readonly concurrency?: number;
  /** client-go's by default. */
  readonly limits?: Partial<RateLimits>;
}

/** A queue of keys with workers. */
export interface WorkQueue<Key> {
  readonly add: (key: Key) => void;
  /** Before all that waits already. */
  readonly addFirst: (key: Key) => void;
  /** After `delay` milliseconds. */
  readonly addAfter: (key: Key, delay: number) => void;
  readonly addRateLimited: (key: Key) => void;
  readonly forget: (key: Key) => void;
  /** Keys that wait for a worker, not counting delayed ones. */
  readonly depth: () => number;
  /** True while no key is queued, delayed or in processing. */
  readonly isIdle: () => boolean;
  /** Takes nothing more and resolves when the last processing has ended; `drain` finishes what is queued first. */
  readonly shutDown: (drain: boolean) => Promise<void>;
}

/** Makes a queue whose workers start at the first key. */
export function createWorkQueue<Key>(options: WorkQueueOptions<Key>): WorkQueue<Key> {
  const { clock, process } = options;
  const config: WorkQueueConfig = {
    concurrency: options.concurrency ?? 1,
    limits: { ...defaultRateLimits, ...options.limits },
  };
  const drained = Promise.withResolvers<void>();

  const run = async (key: Key): Promise<void> => {
    const outcome = await process(key);
    if (outcome.type === "Retry") driver.dispatch({ type: "AddedRateLimited", key });
    else driver.dispatch({ type: "Forgotten", key });
    if (outcome.type === "RetryAfter") driver.dispatch({ type: "AddedAfter", key, delay: outcome.delay });
    driver.dispatch({ type: "Done", key });
  };

  const driver: Driver<WorkQueueState<Key>, WorkQueueEvent<Key>> = createDriver<
    WorkQueueState<Key>,
    WorkQueueEvent<Key>,
    WorkQueueEffect<Key>
  >({
    machine: createWorkQueueMachine<Key>(config),
    initial: emptyWorkQueue<Key>(config, clock.now()),
    perform: (effect) => {
      if (effect.type === "Process") void run(effect.key);
      else drained.resolve();
    },
    clock,
  });

  return {
    add: (key) => driver.dispatch({ type: "Added", key }),
    addFirst: (key) => driver.dispatch({ type: "AddedFirst", key }),
    addAfter: (key, delay) => driver.dispatch({ type: "AddedAfter", key, delay }),
    addRateLimited: (key) => driver.dispatch({ type: "AddedRateLimited", key }),
    forget: (key) => driver.dispatch({ type: "Forgotten", key }),
    depth: () => driver.state.queued.size,
    isIdle: () =>
      driver.state.queued.size === 0 && driver.state.processing.size === 0 && driver.state.delayed.heap.length === 0,
    shutDown: (drain) => {
      driver.dispatch({ type: "ShutDown", drain });
      return drained.promise;
    },
  };
}
