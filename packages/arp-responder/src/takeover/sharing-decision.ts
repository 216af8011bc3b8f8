import { type ClientShares, createClientShares } from "../sharing/client-shares.ts";
import type { SharingDecision } from "../sharing/load-sharing.ts";
import type { AnnouncementRequest } from "./announcement-request.ts";
import type { RankedCandidate } from "./election.ts";
import type { JointElection } from "./joint-election.ts";

/** Divisions that were made before: most services of a cluster have the same candidates, and making one takes a hundred thousand steps. */
const made = new Map<string, ClientShares>();
const MADE_MAX = 100;

/** True where several nodes serve: one of the services that share an address wants it. */
export function isShared({ members }: Pick<JointElection, "members">): boolean {
  return members.some(({ request }) => request.loadSharing !== undefined);
}

/**
 * Divides the clients of an election among the nodes of `serving` with the highest score; null where there is none. A preference comes before the
 * division: other nodes serve when no preferred one can.
 */
export function decideSharing(
  { members, ranked }: JointElection,
  serving: ReadonlySet<string>,
  joins: ReadonlyMap<string, number>,
): SharingDecision | null {
  const nodes = bestOf(ranked.filter(({ node }) => serving.has(node))).toSorted();
  if (nodes.length === 0) return null;
  const candidates = bestOf(ranked);
  const rebalance = members.some(({ request }) => rebalances(request));
  const joined = nodes.map((node): [string, number] => [node, joins.get(node) ?? 0]);
  const digest = JSON.stringify([candidates.toSorted(), joined, rebalance]);
  return { shares: sharesOf(candidates, nodes), rebalance, joins: new Map(joined), digest };
}

/** The nodes with the highest score. */
function bestOf(ranked: readonly RankedCandidate[]): readonly string[] {
  return ranked.filter(({ score }) => score === ranked[0]?.score).map(({ node }) => node);
}

function rebalances({ loadSharing }: AnnouncementRequest): boolean {
  return loadSharing?.rebalance === true;
}

function sharesOf(candidates: readonly string[], serving: readonly string[]): ClientShares {
  const key = JSON.stringify([candidates.toSorted(), serving]);
  const known = made.get(key);
  if (known !== undefined) return known;
  if (made.size >= MADE_MAX) made.clear();
  const shares = createClientShares(candidates, serving);
  made.set(key, shares);
  return shares;
}
