import { electorateOf } from "./choice.ts";
import { electAnnouncer } from "./election.ts";
import { announcing, decide, endOf, existingOf, wonBy } from "./elections.ts";
import { fileElection, holdsOf, learnTentative } from "./holding.ts";
import { serviceDigestOf } from "./node-report.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { Election, TakeoverState } from "./takeover-state.ts";
import { type TakeoverStep, unchanged } from "./takeover-step.ts";

/** Takes a new or changed request. */
export function requestAnnouncement(
  { node, hasMembership }: TakeoverConfig,
  state: TakeoverState,
  event: Extract<TakeoverEvent, { type: "AnnouncementRequested" }>,
): TakeoverStep {
  const { elections, phase, interfaces } = state;
  // Without a membership the nodes cannot tell each other what they announce.
  const request = { ...event.request, sticky: event.request.sticky && hasMembership };
  const before = elections.get(request.key);
  const ranked = electAnnouncer(request.candidates, request.electionAddress);
  // A changed request is told again even where the announcer stays: its addresses or interfaces may be others.
  const election: Election = {
    request,
    ranked,
    digest: serviceDigestOf(request.key),
    announcer: undefined,
    cause: before?.announcer === node ? before.cause : { reason: "Started", previous: before?.announcer ?? null },
    isOwned: request.sticky && (before?.isOwned === true || before?.announcer === node),
    holds: holdsOf(request, before),
  };
  fileElection(state, request.key, election);
  if (phase.name !== "Deciding") return unchanged(state);
  const electorate = electorateOf(node, state, phase.live, phase.reportsBy !== null);
  const effects = decide([election], electorate, interfaces);
  const lost = before?.announcer === node && election.announcer !== node;
  return { state, effects: lost ? [endOf(request.key, election.announcer ?? null), ...effects] : effects };
}

/** Forgets a request. */
export function withdrawAnnouncement({ node }: TakeoverConfig, state: TakeoverState, key: string): TakeoverStep {
  const election = state.elections.get(key);
  fileElection(state, key, undefined);
  if (state.phase.name !== "Deciding" || election?.announcer !== node) return unchanged(state);
  return {
    state,
    effects: [
      { type: "Withdraw", key },
      { type: "NotAnnouncing", key, to: null },
    ],
  };
}

/** Follows what became of an address in the responder: reports anew the announcements that have it. */
export function changeTentative(
  { node }: TakeoverConfig,
  state: TakeoverState,
  event: Extract<TakeoverEvent, { type: "TentativeChanged" }>,
): TakeoverStep {
  const changed = learnTentative(node, state, event);
  if (state.phase.name !== "Deciding") return unchanged(state);
  return { state, effects: changed.map((election) => announcing(election, node, state.interfaces)) };
}

/** Follows the interfaces of this node: reports anew what changes by them. */
export function changeInterfaces(
  { node }: TakeoverConfig,
  state: TakeoverState,
  { names, hardwareAddresses = [] }: Extract<TakeoverEvent, { type: "InterfacesChanged" }>,
): TakeoverStep {
  const interfaces = new Set(names);
  const changed = { ...state, interfaces, hardwareAddresses };
  if (state.phase.name !== "Deciding") return unchanged(changed);
  const effects = wonBy(node, state)
    .filter(
      (election) =>
        String(existingOf(election, node, interfaces)) !== String(existingOf(election, node, state.interfaces)),
    )
    .map((election) => announcing(election, node, interfaces));
  return { state: changed, effects };
}
