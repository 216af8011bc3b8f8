import type { RankedCandidate } from "./election.ts";
import { isCutOff, type LostLinks, type NodeReport } from "./node-report.ts";
import type { TakeoverCause } from "./takeover-reason.ts";
import type { Election, TakeoverState } from "./takeover-state.ts";

/** The facts by which every election is decided. */
export interface Electorate {
  readonly node: string;
  readonly live: ReadonlySet<string>;
  readonly lostLinks: LostLinks;
  readonly reports: ReadonlyMap<string, NodeReport>;
  readonly dead: ReadonlySet<string>;
  /** True while sticky services wait for the reports of live nodes. */
  readonly awaitsReports: boolean;
}

/** The facts of a machine. */
export function electorateOf(
  node: string,
  { lostLinks, reports, dead }: TakeoverState,
  live: ReadonlySet<string>,
  awaitsReports: boolean,
): Electorate {
  return { node, live, lostLinks, reports, dead, awaitsReports };
}

/** True where a live node has sent no report yet. */
export function lacksReports(
  node: string,
  live: ReadonlySet<string>,
  reports: ReadonlyMap<string, NodeReport>,
): boolean {
  return [...live].some((each) => each !== node && !reports.has(each));
}

/**
 * The node that is to announce; null for none, undefined where it cannot be known yet. The first live candidate in the order, of those whose links
 * lead to the addresses where there are such. Of a sticky service it is one that announces it already: where two do, the first of them, so that
 * all nodes agree.
 */
export function choose(election: Election, electorate: Electorate): string | null | undefined {
  const { ranked, request } = election;
  const { live, node } = electorate;
  const serves = (candidate: RankedCandidate): boolean =>
    live.has(candidate.node) && !isUnfit(election, candidate, electorate);
  const first = ranked.find(serves) ?? ranked.find((candidate) => live.has(candidate.node));
  if (!request.sticky || first === undefined) return first?.node ?? null;
  const owner = ranked.find((candidate) => serves(candidate) && owns(election, candidate, electorate));
  if (owner !== undefined) return owner.node;
  const isKnown = (candidate: RankedCandidate): boolean =>
    candidate.node === node || !live.has(candidate.node) || electorate.reports.has(candidate.node);
  return electorate.awaitsReports && !ranked.every(isKnown) ? undefined : first.node;
}

/** The reason why this node announces in place of another one; null for none. */
export function causeOf(election: Election, previous: string | null, electorate: Electorate): TakeoverCause {
  if (previous === null) return { reason: "Started", previous: null };
  if (!electorate.live.has(previous))
    return { reason: electorate.dead.has(previous) ? "NodeDied" : "NodeLeft", previous };
  const candidate = election.ranked.find(({ node }) => node === previous);
  if (candidate === undefined) return { reason: "CandidatesChanged", previous };
  return { reason: isUnfit(election, candidate, electorate) ? "LinkLost" : "RanksFirst", previous };
}

function owns({ digest, isOwned }: Election, candidate: RankedCandidate, { node, reports }: Electorate): boolean {
  return candidate.node === node ? isOwned : reports.get(candidate.node)?.owned.has(digest) === true;
}

function isUnfit({ request }: Election, candidate: RankedCandidate, { node, lostLinks, reports }: Electorate): boolean {
  const lost = candidate.node === node ? lostLinks : reports.get(candidate.node)?.lostLinks;
  if (lost === undefined || lost.interfaces.length === 0) return false;
  const whole = request.candidates.find((each) => each.node === candidate.node);
  return whole !== undefined && isCutOff(whole, request.addresses, lost);
}
