/** A fact that becomes true once and stays true. */
export interface SyncLatch {
  readonly isSet: () => boolean;
  /** Makes it true; further calls do nothing. */
  readonly set: () => void;
  /** Resolves once it is true; rejects with the signal's reason when that aborts first. */
  readonly whenSet: (signal?: AbortSignal) => Promise<void>;
}

/** Creates a latch that is not set. */
export function createSyncLatch(): SyncLatch {
  const waiting = new Set<() => void>();
  let isSet = false;
  return {
    isSet: () => isSet,
    set() {
      isSet = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    whenSet: (signal) =>
      new Promise((resolve, reject) => {
        if (isSet) return resolve();
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
  };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
