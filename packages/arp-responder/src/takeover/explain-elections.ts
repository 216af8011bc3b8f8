import type { IpAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { type Choice, type Electorate, isEligible, servingIn } from "./choice.ts";
import type { RankedCandidate } from "./election.ts";
import { NOBODY } from "./node-numbers.ts";
import { type ElectionFacts, decideAsNodes, electorateFor } from "./onlooker.ts";
import type { Election } from "./takeover-state.ts";

/** The reason why a candidate won or lost, with its facts. */
export type CandidateVerdict =
  /** It announces the addresses. */
  | { readonly reason: "Elected" }
  /** It serves its part of the clients. */
  | { readonly reason: "Serves" }
  /** It does not live. */
  | { readonly reason: "NotLive" }
  /** Its links to the addresses are lost, and another candidate's are not. */
  | { readonly reason: "LinkLost" }
  /** It has no interface on the subnet of one of the addresses, which the service requires. */
  | { readonly reason: "NotOnSubnet" }
  /** It is no candidate of another service that holds one of the addresses. */
  | { readonly reason: "NotShared" }
  /** It stands before the announcer, which keeps the sticky service. */
  | { readonly reason: "OwnerKeeps" }
  /** The announcer has a higher score. */
  | { readonly reason: "LowerScore" }
  /** The announcer has the same score, and the earlier hash. */
  | { readonly reason: "LaterHash" }
  /** It stands before the announcer, and holds its share of the spread already. */
  | { readonly reason: "LoadBound"; readonly load: number; readonly bound: number };

/** A candidate in its place of the order. */
export interface CandidateExplanation {
  readonly node: string;
  readonly score: number;
  readonly verdict: CandidateVerdict;
}

/** The announcer of one request, and the reason of each candidate. */
export interface ElectionExplanation {
  readonly key: string;
  readonly addresses: readonly IpAddress[];
  readonly electionAddress: IpAddress;
  readonly sticky: boolean;
  readonly spread: boolean;
  /** Null where no candidate lives, or several nodes serve. */
  readonly announcer: string | null;
  /** The nodes that serve, by name, each for its part of the clients; null where one node announces. */
  readonly sharedBy: readonly string[] | null;
  /** The node that announces while all candidates live; null where the service is not spread. */
  readonly home: string | null;
  /** The candidates in the order of score and hash; behind them those that a service with the same address does not have. */
  readonly candidates: readonly CandidateExplanation[];
}

/**
 * Decides these requests as every node of the cluster does, and gives the reasons. `requests` must be all requests of the cluster where services are spread
 * or share addresses.
 */
export function explainElections(
  requests: readonly AnnouncementRequest[],
  facts: ElectionFacts,
): readonly ElectionExplanation[] {
  const electorate = electorateFor(requests, facts);
  const byKey = new Map<string, ElectionExplanation>();
  for (const [election, choice] of decideAsNodes(requests, electorate))
    byKey.set(election.request.key, explain(election, choice, electorate));
  return requests.flatMap(({ key }) => byKey.get(key) ?? []);
}

function explain({ request, ranked }: Election, choice: Choice, electorate: Electorate): ElectionExplanation {
  const { key, addresses, electionAddress, sticky, spread } = request;
  const { ranked: common } = choice.joint;
  const verdictOf = judge(choice, electorate);
  return {
    key,
    addresses,
    electionAddress,
    sticky,
    spread,
    announcer: choice.sharing === null ? (choice.node ?? null) : null,
    sharedBy: choice.sharing?.shares.nodes ?? null,
    home: electorate.numbers.names[choice.placement?.home ?? NOBODY] ?? null,
    candidates: [...common, ...ranked.filter(({ node }) => !common.some((each) => each.node === node))].map(
      (candidate) => ({
        node: candidate.node,
        score: candidate.score,
        verdict: verdictOf(candidate),
      }),
    ),
  };
}

function judge(choice: Choice, electorate: Electorate): (candidate: RankedCandidate) => CandidateVerdict {
  const { node: announcer, joint, owner, placement, sharing } = choice;
  const serving = servingIn(joint, electorate);
  const places = new Map(joint.ranked.map(({ node }, place) => [node, place]));
  const winner = joint.ranked.find(({ node }) => node === announcer);
  return ({ node, score }) => {
    if (sharing?.shares.nodes.includes(node) === true) return { reason: "Serves" };
    if (sharing === null && node === announcer) return { reason: "Elected" };
    if (!electorate.live.has(node)) return { reason: "NotLive" };
    const place = places.get(node);
    if (!isEligible(joint, node, electorate)) return { reason: "NotOnSubnet" };
    if (place === undefined || winner === undefined) return { reason: "NotShared" };
    if (!serving.has(node)) return { reason: "LinkLost" };
    if (sharing !== null) return { reason: "LowerScore" };
    if (place > (places.get(winner.node) ?? 0)) return { reason: score < winner.score ? "LowerScore" : "LaterHash" };
    if (owner !== null || placement === null) return { reason: "OwnerKeeps" };
    const { loads, bounds } = placement.level;
    const at = electorate.numbers.byName.get(node) ?? NOBODY;
    return { reason: "LoadBound", load: loads[at] ?? 0, bound: bounds[at] ?? 0 };
  };
}
