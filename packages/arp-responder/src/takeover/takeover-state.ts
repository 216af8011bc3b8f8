import type { Instant } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import type { RankedCandidate } from "./election.ts";

/** One service's election. */
export interface Election {
  readonly request: AnnouncementRequest;
  /** The candidates, the first choice first. */
  readonly ranked: readonly RankedCandidate[];
  /** The node that announces by the last decision, null for none; undefined before the first decision. */
  announcer: string | null | undefined;
}

/** The phase of a speaker's life, with only the deadline that may run in it. */
export type TakeoverPhase =
  /** Nothing is decided: the live nodes are not known. A speaker that just started must not take what others serve. */
  | {
      readonly name: "WaitingForMembers";
      /** The members so far; null before the first one. */
      readonly reached: ReadonlySet<string> | null;
      /** From then on the members so far count as all; null before a wait starts. */
      readonly decideAt: Instant | null;
    }
  /** Every election is decided among the live nodes. */
  | { readonly name: "Deciding"; readonly live: ReadonlySet<string> }
  /** The node stood still and is silent: others may answer by now. It decides when the members have said what they know, at `decideAt` at the latest. */
  | { readonly name: "Resuming"; readonly live: ReadonlySet<string>; readonly decideAt: Instant }
  /** The node answers and tells the members that it leaves. */
  | { readonly name: "Leaving"; readonly stopAt: Instant }
  /** The members know; the node answers until the successors have announced. */
  | { readonly name: "HandingOver"; readonly stopAt: Instant }
  /** The node is silent for good. */
  | { readonly name: "Stopped" };

/** The state of the takeover machine. The elections are mutated in place: one request must not copy thousands. */
export interface TakeoverState {
  readonly phase: TakeoverPhase;
  readonly elections: Map<string, Election>;
  /** The names of the interfaces on which this node can answer. */
  readonly interfaces: ReadonlySet<string>;
  /** The number of other speakers that should be members; null while the API server has not told. */
  readonly expected: number | null;
}

/** The state of a speaker that just started. */
export function createTakeoverState(): TakeoverState {
  return {
    phase: { name: "WaitingForMembers", reached: null, decideAt: null },
    expected: null,
    elections: new Map(),
    interfaces: new Set(),
  };
}
