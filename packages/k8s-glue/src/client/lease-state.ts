import type { Lease } from "@herald-lb/k8s-glue/objects";
import type { Instant } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";

/** Durations in milliseconds; client-go's names. */
export interface LeaseConfig {
  /** Unique to the process: after a restart it must be another. */
  readonly identity: string;
  /** The time for which others wait for the holder's next renewal. Whole seconds. */
  readonly leaseDuration: number;
  /** The time for which a holder goes on without an answered renewal; less than `leaseDuration`. */
  readonly renewDeadline: number;
  readonly retryPeriod: number;
  /** In [0, 1), the same for the same number. */
  readonly jitter: (sequence: number) => number;
}

/** client-go's defaults: 15 s, 10 s, 2 s. */
export const defaultLeaseTimes: Pick<LeaseConfig, "leaseDuration" | "renewDeadline" | "retryPeriod"> = {
  leaseDuration: 15_000,
  renewDeadline: 10_000,
  retryPeriod: 2_000,
};

/** The Lease as last seen, and since when it has not changed: expiry is counted from here, never from times that another's clock wrote. */
export interface Observation {
  readonly lease: Lease;
  readonly since: Instant;
}

/** A request under way. */
export interface PendingRequest {
  readonly request: number;
  readonly sentAt: Instant;
}

interface Common {
  readonly sequence: number;
  readonly observed: Observation | null;
}

/** The state of an elector. With a request pending, `retryTimer` is null and the other way round. */
export type LeaseState =
  | (Common & { readonly name: "Stopped" })
  | (Common & {
      readonly name: "Candidate";
      readonly pending: PendingRequest | null;
      readonly retryTimer: Instant | null;
    })
  | (Common & {
      readonly name: "Leader";
      /** The fence: no write from here on unless renewed. Counted from when the renewal was sent, not answered. */
      readonly renewDeadlineTimer: Instant;
      readonly pending: PendingRequest | null;
      readonly retryTimer: Instant | null;
    })
  | (Common & { readonly name: "Releasing"; readonly pending: PendingRequest; readonly giveUpTimer: Instant });

/** The events of an elector. Answers carry the number of their request. */
export type LeaseEvent =
  | { readonly type: "Started" }
  /** Gives the lease back if held. */
  | { readonly type: "Stopped" }
  /** Null when there is no such Lease. */
  | { readonly type: "LeaseRead"; readonly request: number; readonly lease: Lease | null }
  | { readonly type: "LeaseWritten"; readonly request: number; readonly lease: Lease }
  | { readonly type: "RequestFailed"; readonly request: number; readonly error: ApiError };

/** The effects of an elector. */
export type LeaseEffect =
  | { readonly type: "ReadLease"; readonly request: number }
  /** Creates it when `base` is null, else replaces `base`, whose resourceVersion guards the write. */
  | {
      readonly type: "WriteLease";
      readonly request: number;
      readonly base: Lease | null;
      readonly holderIdentity: string;
      readonly leaseDurationSeconds: number;
      readonly leaseTransitions: number;
      /** True where `acquireTime` becomes the present; `renewTime` always does. */
      readonly acquired: boolean;
    }
  | { readonly type: "CancelRequest"; readonly request: number }
  | { readonly type: "LeadershipAcquired" }
  /** Everything begun under the lease must stop before this is answered. */
  | { readonly type: "LeadershipLost"; readonly because: "Stopped" | "RenewDeadline" | "HeldByAnother" }
  | { readonly type: "LeaderObserved"; readonly identity: string }
  /** The elector has stopped and given back what it held, or could not in time. */
  | { readonly type: "Finished" };
