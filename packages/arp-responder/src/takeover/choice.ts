import type { IpAddress } from "@herald-lb/sansio";
import type { RankedCandidate } from "./election.ts";
import { type JointElection, joinElections } from "./joint-election.ts";
import { isCutOff, type LostLinks, type NodeReport } from "./node-report.ts";
import { marksOf, NOBODY, type NodeNumbers } from "./node-numbers.ts";
import { type Placement, spread, type SpreadElection } from "./spread.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";
import type { SharingDecision } from "../sharing/load-sharing.ts";
import { decideSharing, isShared } from "./sharing-decision.ts";
import { reachedOf } from "./subnets.ts";
import type { TakeoverCause } from "./takeover-reason.ts";
import type { Election, TakeoverState } from "./takeover-state.ts";

/** The facts by which every election is decided. */
export interface Electorate {
  readonly node: string;
  readonly live: ReadonlySet<string>;
  readonly lostLinks: LostLinks;
  readonly subnets: readonly InterfaceSubnets[];
  readonly reports: ReadonlyMap<string, NodeReport>;
  readonly dead: ReadonlySet<string>;
  /** True while sticky services wait for the reports of live nodes. */
  readonly awaitsReports: boolean;
  /** True once all requests are there: a spread over some of them would be another one. */
  readonly knowsRequests: boolean;
  readonly numbers: NodeNumbers;
  /** The number of times that each node has joined. */
  readonly joins: ReadonlyMap<string, number>;
}

/** The outcome of an election, with what led to it. */
export interface Choice {
  /** The node that is to announce, and where several serve, this one if it does and else the first of them by name; null for none, undefined where it cannot be known yet. */
  readonly node: string | null | undefined;
  readonly joint: JointElection;
  /** The node that keeps a sticky service; null for none. */
  readonly owner: string | null;
  /** The place in the spread; null for an election by hash alone. */
  readonly placement: Placement | null;
  /** The division of the clients among several nodes; null where one node announces. */
  readonly sharing: SharingDecision | null;
}

/** A joint election that counts for the spread. */
interface JointSpread extends SpreadElection {
  readonly joint: JointElection;
  readonly ownerName: string | null;
}

/** The facts of a machine. */
export function electorateOf(
  node: string,
  { lostLinks, subnets, reports, dead, knowsRequests, numbers, joins }: TakeoverState,
  live: ReadonlySet<string>,
  awaitsReports: boolean,
): Electorate {
  return { node, live, lostLinks, subnets, reports, dead, awaitsReports, knowsRequests, numbers, joins };
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
 * The outcome of each election. Services that share an address have one outcome, so `elections` must contain all of them; and all that are spread, where
 * one is. The first live candidate in the order announces, of those whose links lead to the addresses where there are such. A sticky service stays
 * with one that announces it already: where two do, with the first of them, so that all nodes agree. Of a spread, `spread` decides the rest.
 */
export function chooseAnnouncers(elections: Iterable<Election>, electorate: Electorate): ReadonlyMap<Election, Choice> {
  const choices = new Map<Election, Choice>();
  const spreads: JointSpread[] = [];
  const { numbers, live } = electorate;
  const alive = areLinksWhole(electorate) ? marksOf(numbers, live) : null;
  for (const joint of joinElections(elections, (election, node) => mayServe(election, node, electorate))) {
    if (isShared(joint)) {
      const choice = shareAmong(joint, electorate);
      for (const member of joint.members) choices.set(member, choice);
      continue;
    }
    const owner = ownerOf(joint, electorate);
    if (isSpread(joint)) {
      spreads.push({
        joint,
        ownerName: owner,
        order: joint.members[0]?.order ?? "",
        candidates: joint.candidates,
        scores: joint.scores,
        serving:
          (joint.members.some((member) => member.isBySubnet) ? null : alive) ??
          marksOf(numbers, servingIn(joint, electorate)),
        owner: owner === null ? NOBODY : (numbers.byName.get(owner) ?? NOBODY),
      });
      continue;
    }
    const node = owner ?? (awaits(joint, electorate) ? undefined : firstOf(joint, electorate));
    for (const member of joint.members) choices.set(member, { node, joint, owner, placement: null, sharing: null });
  }
  for (const [{ joint, ownerName: owner }, placement] of spread(spreads, numbers.names.length)) {
    const isOpen = !electorate.knowsRequests || (owner === null && awaits(joint, electorate));
    const node = isOpen ? undefined : (numbers.names[placement.node] ?? null);
    for (const member of joint.members) choices.set(member, { node, joint, owner, placement, sharing: null });
  }
  return choices;
}

/** True where one of the services is to be spread, and none to be served by every node. */
export function isSpread(joint: Pick<JointElection, "members">): boolean {
  return !isShared(joint) && joint.members.some(({ request }) => request.spread);
}

function shareAmong(joint: JointElection, electorate: Electorate): Choice {
  const sharing = decideSharing(joint, servingIn(joint, electorate), electorate.joins);
  const nodes = sharing?.shares.nodes ?? [];
  const node = nodes.includes(electorate.node) ? electorate.node : (nodes[0] ?? null);
  return { node, joint, owner: null, placement: null, sharing };
}

/** The live candidates whose links lead to the addresses; all live ones where there is none. Those without an interface on the subnet are none where that counts. */
export function servingIn(joint: JointElection, electorate: Electorate): ReadonlySet<string> {
  const live = joint.ranked.filter(({ node }) => isEligible(joint, node, electorate));
  const fit = live.filter((candidate) => !isUnfit(joint, candidate, electorate));
  return new Set((fit.length > 0 ? fit : live).map(({ node }) => node));
}

/** The reason why this node announces in place of another one; null for none. */
export function causeOf(
  election: Election,
  previous: string | null,
  electorate: Electorate,
  sharing: SharingDecision | null,
): TakeoverCause {
  if (sharing !== null) return { reason: "LoadSharing", previous: null };
  if (previous === null) return { reason: "Started", previous: null };
  if (!electorate.live.has(previous))
    return { reason: electorate.dead.has(previous) ? "NodeDied" : "NodeLeft", previous };
  const candidate = election.ranked.find(({ node }) => node === previous);
  if (candidate === undefined || !mayServe(election, previous, electorate))
    return { reason: "CandidatesChanged", previous };
  if (isUnfit({ members: [election] }, candidate, electorate)) return { reason: "LinkLost", previous };
  return { reason: election.request.spread ? "Spread" : "RanksFirst", previous };
}

/** True where no node has lost a link. */
function areLinksWhole({ lostLinks, reports }: Electorate): boolean {
  return [lostLinks, ...[...reports.values()].map((report) => report.lostLinks)].every(
    ({ interfaces }) => interfaces.length === 0,
  );
}

function firstOf(joint: JointElection, electorate: Electorate): string | null {
  const { ranked } = joint;
  const first =
    ranked.find((candidate) => serves(joint, candidate, electorate)) ??
    ranked.find(({ node }) => isEligible(joint, node, electorate));
  return first?.node ?? null;
}

function ownerOf(joint: JointElection, electorate: Electorate): string | null {
  const sticky = joint.members.filter(({ request }) => request.sticky);
  if (sticky.length === 0) return null;
  const owner = joint.ranked.find(
    (candidate) =>
      serves(joint, candidate, electorate) && sticky.some((election) => owns(election, candidate, electorate)),
  );
  return owner?.node ?? null;
}

/** True where a service, sticky or by subnets, may be announced by a live node that has not reported yet. */
function awaits({ members, ranked }: JointElection, { node, live, reports, awaitsReports }: Electorate): boolean {
  if (!awaitsReports || !members.some(({ request, isBySubnet }) => request.sticky || isBySubnet)) return false;
  const unknown = (candidate: RankedCandidate): boolean =>
    candidate.node !== node && live.has(candidate.node) && !reports.has(candidate.node);
  return ranked.some((candidate) => live.has(candidate.node)) && ranked.some(unknown);
}

function serves(joint: JointElection, candidate: RankedCandidate, electorate: Electorate): boolean {
  return isEligible(joint, candidate.node, electorate) && !isUnfit(joint, candidate, electorate);
}

/** True for a live node that may serve every member. */
export function isEligible({ members }: Pick<JointElection, "members">, node: string, electorate: Electorate): boolean {
  return members.every((member) => mayServe(member, node, electorate));
}

/** True for a live node that has, where that counts, an interface on the subnet of an address. */
function mayServe(election: Election, node: string, electorate: Electorate): boolean {
  return electorate.live.has(node) && (!election.isBySubnet || reachedBy(election, node, electorate).length > 0);
}

/** The addresses of an election that a node can serve, as far as subnets decide. */
function reachedBy(
  { request: { candidates, addresses } }: Election,
  node: string,
  electorate: Electorate,
): readonly IpAddress[] {
  const candidate = candidates.find((each) => each.node === node);
  const subnets = node === electorate.node ? electorate.subnets : electorate.reports.get(node)?.subnets;
  return candidate === undefined ? addresses : reachedOf(candidate, addresses, subnets);
}

function owns({ digest, isOwned }: Election, candidate: RankedCandidate, { node, reports }: Electorate): boolean {
  return candidate.node === node ? isOwned : reports.get(candidate.node)?.owned.has(digest) === true;
}

function isUnfit(
  { members }: Pick<JointElection, "members">,
  candidate: RankedCandidate,
  electorate: Electorate,
): boolean {
  const { node, lostLinks, reports } = electorate;
  const isPartial = (member: Election): boolean =>
    member.isBySubnet && reachedBy(member, candidate.node, electorate).length < member.request.addresses.length;
  if (members.some(isPartial)) return true;
  const lost = candidate.node === node ? lostLinks : reports.get(candidate.node)?.lostLinks;
  if (lost === undefined || lost.interfaces.length === 0) return false;
  return members.some(({ request }) => {
    const whole = request.candidates.find((each) => each.node === candidate.node);
    return whole !== undefined && isCutOff(whole, request.addresses, lost);
  });
}
