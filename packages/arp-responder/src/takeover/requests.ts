import { type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { electorateOf, isSpread } from "./choice.ts";
import { electAnnouncer } from "./election.ts";
import { announcing, decide, existingOf, wonBy } from "./elections.ts";
import { fileElection, holdsOf, learnTentative } from "./holding.ts";
import { type NodeNumbers, numberOf } from "./node-numbers.ts";
import { serviceDigestOf } from "./node-report.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import { unknownCause } from "./takeover-reason.ts";
import type { Election, TakeoverState } from "./takeover-state.ts";
import { isBySubnet } from "./subnets.ts";
import { type TakeoverStep, unchanged } from "./takeover-step.ts";

/** The election of a request, before its first decision; `before` is that of the request which it replaces. `knowsSubnets` is false where nodes do not report theirs. */
export function createElection(
  request: AnnouncementRequest,
  numbers: NodeNumbers,
  before?: Election,
  knowsSubnets = true,
): Election {
  const ranked = electAnnouncer(request.candidates, request.electionAddress);
  return {
    request,
    ranked,
    candidates: ranked.map(({ node }) => numberOf(numbers, node)),
    scores: ranked.map(({ score }) => score),
    digest: serviceDigestOf(request.key),
    isBySubnet: knowsSubnets && isBySubnet(request),
    order: `${bytesToHex(sha256(utf8ToBytes(request.electionAddress)))} ${request.key}`,
    announcer: undefined,
    isChanged: true,
    cause: unknownCause,
    isOwned: false,
    sharing: null,
    holds: holdsOf(request, before),
  };
}

/** Takes a new or changed request. */
export function requestAnnouncement(
  config: TakeoverConfig,
  state: TakeoverState,
  event: Extract<TakeoverEvent, { type: "AnnouncementRequested" }>,
  now: Instant,
): TakeoverStep {
  // Without a membership the nodes cannot tell each other what they announce.
  const request = config.hasMembership ? event.request : withoutMembership(event.request);
  const before = state.elections.get(request.key);
  const election = createElection(request, state.numbers, before, config.hasMembership);
  if (before !== undefined) {
    election.announcer = before.announcer;
    election.cause = before.cause;
    election.sharing = before.sharing;
    const announces = state.phase.name === "Deciding" && before.announcer === config.node;
    election.isOwned = request.sticky && (before.isOwned || announces);
    removeSharer(state, before);
  }
  fileElection(state, request.key, election);
  addSharer(state, election);
  const addresses = new Set([before?.request.electionAddress ?? request.electionAddress, request.electionAddress]);
  return decideSharing(config, state, addresses, request.spread || before?.request.spread === true, now);
}

/** Forgets a request. */
export function withdrawAnnouncement(
  config: TakeoverConfig,
  state: TakeoverState,
  key: string,
  now: Instant,
): TakeoverStep {
  const election = state.elections.get(key);
  if (election === undefined) return unchanged(state);
  fileElection(state, key, undefined);
  removeSharer(state, election);
  const { electionAddress, spread } = election.request;
  const end: readonly TakeoverEffect[] =
    mayChangeAnnouncements(state) && election.announcer === config.node
      ? [
          { type: "Withdraw", key },
          { type: "NotAnnouncing", key, to: null },
        ]
      : [];
  const decided = decideSharing(config, state, new Set([electionAddress]), spread, now);
  return { state: decided.state, effects: [...end, ...decided.effects] };
}

/** Follows what became of an address in the responder: reports anew the announcements that have it. */
export function changeTentative(
  { node }: TakeoverConfig,
  state: TakeoverState,
  event: Extract<TakeoverEvent, { type: "TentativeChanged" }>,
): TakeoverStep {
  const changed = learnTentative(node, state, event);
  if (!mayChangeAnnouncements(state)) return unchanged(state);
  return { state, effects: changed.map((election) => announcing(election, node, state)) };
}

/** Follows the interfaces of this node: reports anew what changes by them. */
export function changeInterfaces(
  { node }: TakeoverConfig,
  state: TakeoverState,
  { names, hardwareAddresses = [], subnets = [] }: Extract<TakeoverEvent, { type: "InterfacesChanged" }>,
): TakeoverStep {
  const interfaces = new Set(names);
  const changed = { ...state, interfaces, hardwareAddresses, subnets };
  if (!mayChangeAnnouncements(state)) return unchanged(changed);
  const effects = wonBy(node, state)
    .filter((election) => String(existingOf(election, node, changed)) !== String(existingOf(election, node, state)))
    .map((election) => announcing(election, node, changed));
  return { state: changed, effects };
}

/** Decides the sticky services of these digests, which another node announces from now on, or no longer. */
export function decideOwned(
  config: TakeoverConfig,
  state: TakeoverState,
  digests: ReadonlySet<string>,
  now: Instant,
): TakeoverStep {
  const addresses = new Set<IpAddress>();
  for (const { digest, request } of state.elections.values())
    if (digests.has(digest)) addresses.add(request.electionAddress);
  return decideSharing(config, state, addresses, false, now);
}

/** Decides the elections of these addresses at once; where one is spread, all that are spread, when no more changes come. */
function decideSharing(
  { node, times }: TakeoverConfig,
  state: TakeoverState,
  addresses: ReadonlySet<IpAddress>,
  wasSpread: boolean,
  now: Instant,
): TakeoverStep {
  const { phase } = state;
  if (phase.name !== "Deciding") return unchanged(state);
  const groups = [...addresses].map((address) => sharersOf(state, address));
  const waits = (members: readonly Election[]): boolean => isSpread({ members });
  const hashed = groups.filter((group) => !waits(group)).flat();
  const electorate = electorateOf(node, state, phase.live, phase.reportsBy !== null);
  const effects = decide(hashed, electorate, state);
  if (!wasSpread && !groups.some(waits)) return { state, effects };
  const limit = phase.spreadDue?.limit ?? instant(now + times.spreadLimit);
  const spreadDue = { at: instant(Math.min(limit, now + times.spreadDelay)), limit };
  return { state: { ...state, phase: { ...phase, spreadDue } }, effects };
}

/** True where the responder has this node's announcements and follows their changes: also in the silence after a pause. */
function mayChangeAnnouncements({ phase }: TakeoverState): boolean {
  return phase.name === "Deciding" || phase.name === "Resuming";
}

function withoutMembership(request: AnnouncementRequest): AnnouncementRequest {
  const { loadSharing, ...alone } = request;
  return { ...(loadSharing === undefined ? request : alone), sticky: false };
}

function sharersOf({ elections, sharers }: TakeoverState, address: IpAddress): readonly Election[] {
  return [...(sharers.get(address) ?? [])].flatMap((key) => elections.get(key) ?? []);
}

function addSharer({ sharers }: TakeoverState, { request: { key, electionAddress } }: Election): void {
  const keys = sharers.get(electionAddress);
  if (keys === undefined) sharers.set(electionAddress, new Set([key]));
  else keys.add(key);
}

function removeSharer({ sharers }: TakeoverState, { request: { key, electionAddress } }: Election): void {
  const keys = sharers.get(electionAddress);
  keys?.delete(key);
  if (keys?.size === 0) sharers.delete(electionAddress);
}
