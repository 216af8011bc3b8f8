import type { Instant } from "@herald-lb/sansio";

/**
 * The part that a controller plays. `term` counts the terms that this process has begun, so that an answer to an earlier one is distinguished from
 * an answer to this one. `leader` is the identity of the replica that was last observed to lead; null while none is known.
 */
export type LeadershipState = { readonly term: number; readonly leader: string | null } & (
  | { readonly name: "Standby" }
  /** The Lease is held, and the state that earlier terms recorded is being read. No address is given out. */
  | { readonly name: "Starting" }
  /** Addresses are given out, unless the configuration was unknown when the term began: then the term changes nothing. */
  | { readonly name: "Leading"; readonly configuration: ConfigurationKnowledge }
  /** The term is over. Its writes that are under way may end; `abortTimer` is the instant that cuts them off, null once it has. */
  | { readonly name: "Stopping"; readonly next: AfterTerm; readonly abortTimer: Instant | null }
  /** The process ends. */
  | { readonly name: "Stopped" }
);

/** True knowledge of the configuration, or the lack of it: the old ConfigMap has never been valid in this process. */
export type ConfigurationKnowledge = "Known" | "Unknown";

/** The state that follows once the last write of a term has ended. */
export type AfterTerm = "Standby" | "Starting" | "Stopped";

/** The input of the leadership machine. */
export type LeadershipEvent =
  /** The Lease is held from now on; without leader election, once at the start. */
  | { readonly type: "LeaseAcquired" }
  | { readonly type: "LeaseLost"; readonly because: string }
  /** The Lease names another holder than before. */
  | { readonly type: "LeaderObserved"; readonly identity: string }
  /** The recorded state that `ReadRecordedState` asked for has been read. */
  | { readonly type: "RecordedStateRead"; readonly term: number; readonly configuration: ConfigurationKnowledge }
  /** The fence closed before everything was read. */
  | { readonly type: "RecordedStateFenced"; readonly term: number }
  | { readonly type: "ConfigurationChanged"; readonly configuration: ConfigurationKnowledge }
  /** The last write of the term has ended. */
  | { readonly type: "TermEnded"; readonly term: number }
  /** The process is to end. */
  | { readonly type: "Shutdown" };

/** The output of the leadership machine. */
export type LeadershipEffect =
  /** Reads every Service and every release from the API server, and answers with `RecordedStateRead` or `RecordedStateFenced`. */
  | { readonly type: "ReadRecordedState"; readonly term: number }
  /** Adopts the recorded addresses, then gives out others. */
  | { readonly type: "BeginTerm"; readonly term: number }
  /** Takes over the configuration that has changed. */
  | { readonly type: "Reconfigure" }
  /** Starts no further write, and answers with `TermEnded` once none is under way. */
  | { readonly type: "EndTerm"; readonly term: number; readonly because: string }
  | { readonly type: "AbortWrites" }
  | { readonly type: "ReleaseLease" };

/** A controller that has just started: it stands by. */
export const initialLeadership: LeadershipState = { name: "Standby", term: 0, leader: null };
