import type { Instant } from "@herald-lb/sansio";

/** A state of a BFD session, RFC 5880 §4.1. */
export type BfdSessionState = "AdminDown" | "Down" | "Init" | "Up";

/** The facts of a BFD session, as its two sides tell them. Diagnostics are numbers of RFC 5880 §4.1. */
export interface BfdFacts {
  readonly state: BfdSessionState;
  readonly diagnostic: number;
  /** The peer's state and diagnostic as last received. */
  readonly remoteState: BfdSessionState;
  readonly remoteDiagnostic: number;
}

/** The BFD session beside a peer's BGP session. */
export interface BfdSnapshot extends BfdFacts {
  /** The instant from which the state is known; null before the host has told any. */
  readonly since: Instant | null;
}

/** A BFD session of which the host has told nothing yet. */
export const UNTOLD_BFD: BfdSnapshot = {
  state: "Down",
  diagnostic: 0,
  remoteState: "Down",
  remoteDiagnostic: 0,
  since: null,
};
