import type { IpPrefix } from "@herald-lb/sansio";
import type { LoadSharing, SharingDecision } from "../sharing/load-sharing.ts";
import type { AnnouncementCandidate } from "./announcement-request.ts";
import { causeOf, chooseAnnouncers, type Electorate } from "./choice.ts";
import { learnHolder, tentativeOf } from "./holding.ts";
import { answersOn } from "../interface-selection.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import { unknownCause } from "./takeover-reason.ts";
import type { Election, TakeoverState } from "./takeover-state.ts";

type Announce = Extract<TakeoverEffect, { type: "Announce" }>;
type NotAnnouncing = Extract<TakeoverEffect, { type: "NotAnnouncing" }>;

/** The interfaces of this node, and their subnets. */
type OwnInterfaces = Pick<TakeoverState, "interfaces" | "subnets">;

/** The state of this node that matters for what it does about a decision. */
type OwnState = OwnInterfaces & Pick<TakeoverState, "isSilent">;

/** Decides elections, which must be all of those that decide together. Only changes have effects, and changed requests. */
export function decide(
  elections: Iterable<Election>,
  electorate: Electorate,
  own: OwnState,
): readonly TakeoverEffect[] {
  const { node } = electorate;
  const effects: TakeoverEffect[] = [];
  for (const [election, { node: announcer, sharing }] of chooseAnnouncers(elections, electorate)) {
    const before = election.announcer;
    const sharedBefore = election.sharing;
    if (announcer === undefined) {
      // Another node may have it by now.
      if (own.isSilent && before === node) effects.push(...abandon(election));
      continue;
    }
    election.sharing = announcer === node ? sharing : null;
    election.isOwned = election.request.sticky && announcer === node && sharing === null;
    if (announcer === before && !election.isChanged) {
      learnHolder(election, node, electorate.reports);
      if (election.sharing?.digest !== sharedBefore?.digest)
        effects.push(announce(election, node), announcing(election, node, own));
      continue;
    }
    // A changed request keeps the cause of the announcement that goes on.
    if (announcer === node && announcer !== before)
      election.cause = causeOf(election, before ?? election.cause.previous, electorate, sharing);
    election.announcer = announcer;
    election.isChanged = false;
    learnHolder(election, node, electorate.reports);
    const announcedBefore = before !== node ? null : sharedBefore === null ? "Alone" : "Shared";
    effects.push(...changeOf(election, announcedBefore, electorate, own));
  }
  return effects;
}

/** Gives up what a silent node announces, until the election is decided anew. */
export function abandon(election: Election): readonly TakeoverEffect[] {
  election.announcer = undefined;
  election.sharing = null;
  election.cause = unknownCause;
  const { key } = election.request;
  return [
    { type: "Withdraw", key },
    { type: "NotAnnouncing", key, to: null },
  ];
}

/** The effects of an election that has just changed, or whose request has. */
function changeOf(
  election: Election,
  announcedBefore: "Alone" | "Shared" | null,
  electorate: Electorate,
  own: OwnState,
): readonly TakeoverEffect[] {
  const { node } = electorate;
  const { request, announcer } = election;
  const { key } = request;
  if (announcer === node) return [announce(election, node), announcing(election, node, own)];
  // A successor is waited for, since an address must not be without an answer; that of a silent node has announced long ago, and those of a node that served
  // together with others announce to nobody but its clients.
  const type = own.isSilent || announcer === null || announcedBefore === "Shared" ? "Withdraw" : "Yield";
  const end: readonly TakeoverEffect[] = announcedBefore === null ? [] : [{ type, key }];
  return [...end, { type: "NotAnnouncing", key, to: announcer ?? null, ...offSubnetPart(election, electorate) }];
}

/** One node speaks for all: the first live candidate. */
function offSubnetPart(
  { isBySubnet, announcer, ranked, request }: Election,
  { node, live }: Electorate,
): Pick<NotAnnouncing, "offSubnet"> {
  if (!isBySubnet || announcer !== null || ranked.find((each) => live.has(each.node))?.node !== node) return {};
  return { offSubnet: request.addresses };
}

/** The instruction to announce an election's addresses on this node. */
export function announce(election: Pick<Election, "request" | "holds" | "sharing">, node: string): TakeoverEffect {
  const { key, addresses, cadence, onConflict, watchesRivals } = election.request;
  return {
    type: "Announce",
    key,
    addresses,
    ...selectionsOf(election, node),
    ...(cadence !== undefined && { cadence }),
    ...tentativePart(election),
    ...(onConflict === "Yield" && { onConflict }),
    ...(watchesRivals === true && { watchesRivals }),
    ...(election.sharing !== null && { sharing: sharingOf(election.sharing, node) }),
  };
}

function sharingOf({ shares, rebalance, joins }: SharingDecision, node: string): LoadSharing {
  return { node, shares, rebalance, joins };
}

function tentativePart(election: Pick<Election, "request" | "holds">): Pick<Announce, "tentative"> {
  const tentative = tentativeOf(election);
  return tentative.length === 0 ? {} : { tentative };
}

/** The report that this node announces an election's addresses. */
export function announcing(
  election: Pick<Election, "request" | "cause" | "holds" | "sharing">,
  node: string,
  own: OwnInterfaces,
): TakeoverEffect {
  const { key, addresses } = election.request;
  return {
    type: "Announcing",
    key,
    addresses,
    interfaces: existingOf(election, node, own),
    cause: election.cause,
    ...tentativePart(election),
    ...(election.sharing !== null && { sharedBy: election.sharing.shares.nodes }),
  };
}

/** The interfaces of this node's selection that exist; null where the selection is all of them. */
export function existingOf(
  election: Pick<Election, "request">,
  node: string,
  own: OwnInterfaces,
): readonly string[] | null {
  const selections = selectionsOf(election, node);
  if (selections.interfaces === "all") return null;
  const { addresses } = election.request;
  const prefixesOf = (name: string): readonly IpPrefix[] =>
    own.subnets.find((each) => each.interface === name)?.prefixes ?? [];
  return [...own.interfaces]
    .filter((name) =>
      addresses.some((address) => answersOn(selections, address, { interface: name, prefixes: prefixesOf(name) })),
    )
    .toSorted();
}

/** The elections in which this node announces. */
export function wonBy(node: string, { elections }: TakeoverState): readonly Election[] {
  return [...elections.values()].filter(({ announcer }) => announcer === node);
}

function selectionsOf(
  { request }: Pick<Election, "request">,
  node: string,
): Pick<AnnouncementCandidate, "interfaces" | "onSubnet"> {
  const { interfaces = [], onSubnet } = request.candidates.find((candidate) => candidate.node === node) ?? {};
  return onSubnet === undefined ? { interfaces } : { interfaces, onSubnet };
}
