import type { IpAddress } from "@herald-lb/sansio";
import type { RankedCandidate } from "./election.ts";
import type { Election } from "./takeover-state.ts";

/** The elections of all services that share an address: one node wins them all. Most have one member. */
export interface JointElection {
  /** Never empty, in the order of their keys. */
  readonly members: readonly Election[];
  /** The candidates of every member, the first choice first. */
  readonly ranked: readonly RankedCandidate[];
  /** The numbers of the candidates, in their order. */
  readonly candidates: readonly number[];
  /** The score of each. */
  readonly scores: readonly number[];
}

/** True for a live node that may serve an election. */
export type MayServe = (election: Election, node: string) => boolean;

/**
 * Joins the elections that have one election address. Where no node that may serve all of them is a candidate of all of them, which happens while the endpoints of two services
 * differ, each is for itself.
 */
export function joinElections(elections: Iterable<Election>, mayServe: MayServe): readonly JointElection[] {
  const byAddress = new Map<IpAddress, Election[]>();
  for (const election of elections) {
    const { electionAddress } = election.request;
    const others = byAddress.get(electionAddress);
    if (others === undefined) byAddress.set(electionAddress, [election]);
    else others.push(election);
  }
  return [...byAddress.values()].flatMap((members) => join(members, mayServe));
}

function join(members: readonly Election[], mayServe: MayServe): readonly JointElection[] {
  const alone = (election: Election): JointElection => ({
    members: [election],
    ranked: election.ranked,
    candidates: election.candidates,
    scores: election.scores,
  });
  if (members.length === 1) return members.map(alone);
  const ordered = members.toSorted((a, b) => (a.request.key < b.request.key ? -1 : 1));
  const sets = ordered.map(({ ranked }) => new Set(ranked.map(({ node }) => node)));
  const [lead] = ordered;
  const common = (lead?.ranked ?? []).filter(({ node }) => sets.every((nodes) => nodes.has(node)));
  if (lead === undefined || !common.some(({ node }) => ordered.every((each) => mayServe(each, node))))
    return ordered.map(alone);
  const candidates = lead.candidates.filter((_, place) => common.includes(lead.ranked[place] as RankedCandidate));
  return [{ members: ordered, ranked: common, candidates, scores: common.map(({ score }) => score) }];
}
