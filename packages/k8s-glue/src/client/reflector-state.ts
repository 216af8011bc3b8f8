import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { Instant } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import type { WatchEvent } from "./watch-stream.ts";

/** Names one list page or one watch; answers to a request that is no longer the current one are ignored. */
export type RequestNumber = number;

interface Common {
  /** The number of the last request; also the position in the jitter sequence. */
  readonly sequence: number;
  /** Failures since the server last answered well; sets the back-off. */
  readonly failures: number;
}

/** The state of a reflector. `resourceVersion` is that of the last event or bookmark seen. */
export type ReflectorState<T extends KubernetesObject> =
  | (Common & { readonly name: "Stopped" })
  | (Common & {
      readonly name: "Listing";
      readonly request: RequestNumber;
      /** Pages of this list so far. They reach the store together, so that an absent object is known to be gone. */
      readonly pages: readonly (readonly T[])[];
      /** False after a continue token expired: the next list comes in one piece. */
      readonly paged: boolean;
    })
  | (Common & {
      /**
       * After a failure: is the server's version still at or past ours? A server that was restored from an older copy answers a watch from
       * the future with silence.
       */
      readonly name: "Probing";
      readonly request: RequestNumber;
      readonly resourceVersion: string;
    })
  | (Common & {
      readonly name: "Watching";
      readonly request: RequestNumber;
      readonly resourceVersion: string;
      readonly openedAt: Instant;
      /** The server accepted the watch. It may say nothing for a minute after that, where nothing changes. */
      readonly accepted: boolean;
      readonly stallTimer: Instant;
    })
  | (Common & {
      readonly name: "Waiting";
      readonly backoffTimer: Instant;
      /** The version from which the watch continues; null lists again. */
      readonly resourceVersion: string | null;
    });

/** The events of a reflector. */
export type ReflectorEvent<T extends KubernetesObject> =
  | { readonly type: "Started" }
  | { readonly type: "Stopped" }
  | {
      readonly type: "PageListed";
      readonly request: RequestNumber;
      readonly items: readonly T[];
      readonly resourceVersion: string;
      /** Null on the last page. */
      readonly continueToken: string | null;
    }
  | { readonly type: "ListFailed"; readonly request: RequestNumber; readonly error: ApiError }
  | { readonly type: "WatchAccepted"; readonly request: RequestNumber }
  | { readonly type: "WatchEventReceived"; readonly request: RequestNumber; readonly event: WatchEvent<T> }
  /** The stream ended; null when the server ended it in order. */
  | { readonly type: "WatchEnded"; readonly request: RequestNumber; readonly error: ApiError | null };

/** Why a reflector had to start over or to wait; a metric label. */
export type ReflectorFailure =
  | "ListFailed"
  | "ContinueExpired"
  | "WatchFailed"
  | "WatchStalled"
  | "Expired"
  | "HistoryLost";

/** The effects of a reflector. */
export type ReflectorEffect<T extends KubernetesObject> =
  | {
      readonly type: "ListPage";
      readonly request: RequestNumber;
      /** Null asks for everything at once. */
      readonly limit: number | null;
      readonly continueToken: string | null;
    }
  | {
      readonly type: "OpenWatch";
      readonly request: RequestNumber;
      readonly resourceVersion: string;
      readonly timeoutSeconds: number;
    }
  | { readonly type: "CancelRequest"; readonly request: RequestNumber }
  /** The whole set, at one version: what the store holds beyond it is gone. */
  | { readonly type: "ReplaceObjects"; readonly objects: readonly T[] }
  | { readonly type: "PutObject"; readonly object: T }
  | { readonly type: "RemoveObject"; readonly object: T }
  /** `delay` is in milliseconds; 0 goes on at once. */
  | {
      readonly type: "Failed";
      readonly failure: ReflectorFailure;
      readonly error: ApiError | null;
      readonly delay: number;
    };

/** Limits of a reflector; times in milliseconds. */
export interface ReflectorConfig {
  readonly pageSize: number;
  /** The server is asked to end a watch after a random time between these, in seconds. */
  readonly minWatchSeconds: number;
  readonly maxWatchSeconds: number;
  /** A watch without a line for so long is taken for dead; bookmarks come about every 60 s. */
  readonly stallTimeout: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** In [0, 1), the same for the same number. */
  readonly jitter: (sequence: number) => number;
}

/** The defaults: pages of 500, watches of 300 to 600 s, 90 s to a stall, back-off from 0.8 to 10 s. */
export const defaultReflectorConfig: Omit<ReflectorConfig, "jitter"> = {
  pageSize: 500,
  minWatchSeconds: 300,
  maxWatchSeconds: 600,
  stallTimeout: 90_000,
  firstDelay: 800,
  longestDelay: 10_000,
};
