/**
 * The reason why a node came to announce a service. `Started`: this node decided for the first time, or after a silence. `NodeDied`, `NodeLeft`: the
 * announcer before it is dead, or stopped in order. `LinkLost`: the announcer before it has no link to the addresses. `RanksFirst`: this node
 * stands before the announcer before it, which lives. `Spread`: the spread over the nodes has changed, and the announcer before it lives. `LoadSharing`: every node
 * that can serve does. `CandidatesChanged`: the request names other candidates than before.
 */
export type TakeoverReason =
  | "Started"
  | "NodeDied"
  | "NodeLeft"
  | "LinkLost"
  | "RanksFirst"
  | "Spread"
  | "LoadSharing"
  | "CandidatesChanged";

/** A service's way to its announcer. */
export interface TakeoverCause {
  readonly reason: TakeoverReason;
  /** The announcer before, as far as this node knows; null for none. */
  readonly previous: string | null;
}

/** The cause of an announcement of which nothing is known. */
export const unknownCause: TakeoverCause = { reason: "Started", previous: null };
