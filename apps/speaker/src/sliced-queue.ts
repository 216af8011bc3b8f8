import type { Clock } from "@herald-lb/sansio";

/** The keys that one slice takes at most: a few milliseconds of work on a large cluster. */
const SLICE = 50;

/** The work of a sliced queue. */
export interface SlicedQueueOptions {
  readonly clock: Clock;
  readonly process: (key: string) => void;
  /** Runs after the last key of a slice. */
  readonly onSliceEnd: () => void;
}

/**
 * Keys to process, each once however often it was added meanwhile, in the order in which they came. The queue works in slices, and between two
 * slices the thread serves its sockets: a change that concerns thousands of keys must not delay a keepalive.
 */
export class SlicedQueue {
  readonly #options: SlicedQueueOptions;
  readonly #keys = new Set<string>();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(options: SlicedQueueOptions) {
    this.#options = options;
  }

  /** Adds a key behind all that wait; one that waits already keeps its place. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#keys.add(key);
    this.#schedule();
  }

  /** Adds a key behind all that wait, also where it waits already. */
  addLast(key: string): void {
    this.#keys.delete(key);
    this.add(key);
  }

  /** Processes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#keys.clear();
    this.#cancel?.();
  }

  #schedule(): void {
    const { clock } = this.#options;
    this.#cancel ??= clock.wakeAt(clock.now(), () => this.#runSlice());
  }

  #runSlice(): void {
    this.#cancel = null;
    let left = SLICE;
    for (const key of this.#keys) {
      if (left-- === 0) break;
      this.#keys.delete(key);
      this.#options.process(key);
    }
    this.#options.onSliceEnd();
    if (this.#keys.size > 0) this.#schedule();
  }
}
