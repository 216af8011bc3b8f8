import type { JsonObject } from "../object/json.ts";

/** One write, as watchers see it. */
export interface Change {
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** Storage key of the resource. */
  readonly key: string;
  readonly object: JsonObject;
  /** The object before the change: a watch with a selector has to learn that an object is not selected any more. */
  readonly previous: JsonObject | undefined;
}

/** A bounded record of changes, and the listeners for new ones. */
export interface WatchHistory {
  append: (change: Change) => void;
  /** Changes after a revision, or undefined when some of them were forgotten. */
  since: (revision: number) => readonly Change[] | undefined;
  listen: (listener: (change: Change) => void) => () => void;
  /** Forgets everything up to and including a revision. */
  compact: (revision: number) => void;
  /** The oldest revision a watch can start from. */
  readonly oldest: number;
}

/** Keeps the last `limit` changes. */
export function createWatchHistory(limit: number, from: number): WatchHistory {
  let changes: Change[] = [];
  let oldest = from;
  const listeners = new Set<(change: Change) => void>();
  return {
    append: (change) => {
      changes.push(change);
      // Trimmed by the quarter, so that a busy server does not shift the array on every write.
      if (changes.length > limit * 1.25) {
        const dropped = changes.length - limit;
        oldest = changes[dropped - 1]?.revision ?? oldest;
        changes = changes.slice(dropped);
      }
      for (const listener of listeners) listener(change);
    },
    since: (revision) => (revision < oldest ? undefined : changes.filter((change) => change.revision > revision)),
    listen: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    compact: (revision) => {
      oldest = Math.max(oldest, revision);
      changes = changes.filter((change) => change.revision > revision);
    },
    get oldest() {
      return oldest;
    },
  };
}
