import { type Instant, instant, type Machine, type Step, unreachable } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { electAnnouncer } from "./election.ts";
import { announce, announcing, decide, endOf, existingOf, wonBy } from "./elections.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { Election, TakeoverPhase, TakeoverState } from "./takeover-state.ts";

// WaitingForMembers -> Deciding -> Leaving -> HandingOver -> Stopped
//         ^             |    ^
//         |  link back  v    |
//         +---------- Resuming
//
// Requests are kept from the first moment, and decided only in Deciding. After a pause, or when its link is back, the node is silent: in
// Resuming until the members it knows have spoken, in WaitingForMembers where it knows none. From Leaving on nothing is decided any more: the other
// members elect successors, and the responder answers until each successor has announced.

type TakeoverStep = Step<TakeoverState, TakeoverEffect>;
type Waiting = Extract<TakeoverPhase, { name: "WaitingForMembers" }>;

/**
 * Makes the machine that decides which services this node announces on the segment, and that hands them over when the node stops.
 * Every node runs one and decides alone; nodes with the same members and requests come to the same announcers.
 */
export function createTakeover(config: TakeoverConfig): Machine<TakeoverState, TakeoverEvent, TakeoverEffect> {
  return {
    step: (state, event, now) => step(config, state, event, now),
    advance: (state, now) => advance(config, state, now),
    nextDeadline: ({ phase }) => deadlineOf(phase),
  };
}

function step(config: TakeoverConfig, state: TakeoverState, event: TakeoverEvent, now: Instant): TakeoverStep {
  switch (event.type) {
    case "AnnouncementRequested":
      return requestAnnouncement(config, state, event.request);
    case "AnnouncementWithdrawn":
      return withdrawAnnouncement(config, state, event.key);
    case "PeersExpected":
      return config.hasMembership ? expectPeers(config, state, event.count, now) : { state, effects: [] };
    case "MembersChanged":
      return config.hasMembership ? changeMembers(config, state, event, now) : { state, effects: [] };
    case "NodesListed":
      return config.hasMembership ? { state, effects: [] } : setLive(config, state, new Set(event.nodes));
    case "InterfacesChanged":
      return changeInterfaces(config, state, new Set(event.names));
    case "PauseNoticed":
      return noticePause(config, state, now);
    case "LinkRestored":
      return restoreLink(config, state, now);
    case "DeathRefuted":
      return {
        state,
        effects: state.phase.name === "Deciding" ? announceAgain(config.node, wonBy(config.node, state)) : [],
      };
    case "MembershipConfirmed":
      return state.phase.name === "Resuming" ? setLive(config, state, new Set(event.live)) : { state, effects: [] };
    case "StopRequested":
      return requestStop(config, state, now);
    case "LeaveCompleted":
      return completeLeave(config, state, now);
    default:
      return unreachable(event);
  }
}

function advance(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase } = state;
  const deadline = deadlineOf(phase);
  if (deadline === null || now < deadline) return { state, effects: [] };
  if (phase.name === "Resuming") return setLive(config, state, phase.live);
  if (phase.name === "WaitingForMembers") return setLive(config, state, phase.reached ?? new Set([config.node]));
  return { state: { ...state, phase: { name: "Stopped" } }, effects: [{ type: "Stopped" }] };
}

function deadlineOf(phase: TakeoverPhase): Instant | null {
  switch (phase.name) {
    case "WaitingForMembers":
    case "Resuming":
      return phase.decideAt;
    case "Leaving":
    case "HandingOver":
      return phase.stopAt;
    case "Deciding":
    case "Stopped":
      return null;
    default:
      return unreachable(phase);
  }
}

function requestAnnouncement(
  { node }: TakeoverConfig,
  state: TakeoverState,
  request: AnnouncementRequest,
): TakeoverStep {
  const { elections, phase, interfaces } = state;
  const before = elections.get(request.key);
  const ranked = electAnnouncer(request.candidates, request.electionAddress);
  // A changed request is told again even where the announcer stays: its addresses or interfaces may be others.
  const election: Election = { request, ranked, announcer: undefined };
  elections.set(request.key, election);
  if (phase.name !== "Deciding") return { state, effects: [] };
  const effects = decide([election], phase.live, node, interfaces);
  const lost = before?.announcer === node && election.announcer !== node;
  return { state, effects: lost ? [endOf(request.key, election.announcer ?? null), ...effects] : effects };
}

function withdrawAnnouncement({ node }: TakeoverConfig, state: TakeoverState, key: string): TakeoverStep {
  const election = state.elections.get(key);
  state.elections.delete(key);
  if (state.phase.name !== "Deciding" || election?.announcer !== node) return { state, effects: [] };
  return {
    state,
    effects: [
      { type: "Withdraw", key },
      { type: "NotAnnouncing", key, to: null },
    ],
  };
}

function expectPeers(config: TakeoverConfig, state: TakeoverState, count: number, now: Instant): TakeoverStep {
  const expecting = { ...state, expected: count };
  const { phase } = state;
  if (phase.name !== "WaitingForMembers") return { state: expecting, effects: [] };
  if (isComplete(phase, count)) return setLive(config, expecting, phase.reached ?? new Set([config.node]));
  const decideAt = phase.decideAt ?? instant(now + config.times.aloneTimeout);
  return { state: { ...expecting, phase: { ...phase, decideAt } }, effects: [] };
}

function changeMembers(
  config: TakeoverConfig,
  state: TakeoverState,
  { live, joined }: Extract<TakeoverEvent, { type: "MembersChanged" }>,
  now: Instant,
): TakeoverStep {
  const { phase } = state;
  if (phase.name === "Deciding") return reannounceAgainst(config, setLive(config, state, new Set(live)), joined);
  if (phase.name === "Resuming") return { state: { ...state, phase: { ...phase, live: new Set(live) } }, effects: [] };
  if (phase.name !== "WaitingForMembers") return { state, effects: [] };
  const waiting: Waiting = { ...phase, reached: new Set(live) };
  if (isComplete(waiting, state.expected)) return setLive(config, state, new Set(live));
  // The first members that answer show that the network works: the others have a shorter time to come.
  const decideAt = phase.reached === null ? instant(now + config.times.remainingTimeout) : phase.decideAt;
  return { state: { ...state, phase: { ...waiting, decideAt } }, effects: [] };
}

/** True where every expected speaker is a member: the members count this node, the expectation does not. */
function isComplete({ reached }: Waiting, expected: number | null): boolean {
  return expected !== null && (expected === 0 || (reached?.size ?? 0) > expected);
}

function setLive({ node }: TakeoverConfig, state: TakeoverState, live: ReadonlySet<string>): TakeoverStep {
  const { name } = state.phase;
  if (name !== "WaitingForMembers" && name !== "Deciding" && name !== "Resuming") return { state, effects: [] };
  const effects = decide(state.elections.values(), live, node, state.interfaces);
  return { state: { ...state, phase: { name: "Deciding", live } }, effects };
}

/** After a pause nothing is answered before it is known who answers now: a client must not hear two stations. */
function noticePause(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase } = state;
  if (!config.hasMembership || (phase.name !== "Deciding" && phase.name !== "Resuming")) return { state, effects: [] };
  const decideAt = instant(now + config.times.confirmationTimeout);
  return silence(config, state, { name: "Resuming", live: phase.live, decideAt }, { type: "ConfirmMembership" });
}

/** A node that was cut off alone must not announce what others serve by now: it waits for them as at a start. */
function restoreLink(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase, expected } = state;
  const isAlone = phase.name === "Deciding" && phase.live.size <= 1 && expected !== null && expected > 0;
  if (!config.hasMembership || !isAlone) return noticePause(config, state, now);
  const decideAt = instant(now + config.times.aloneTimeout);
  return silence(config, state, { name: "WaitingForMembers", reached: null, decideAt }, { type: "RejoinMembership" });
}

/** Withdraws everything that this node announces, until the phase that begins is over. */
function silence(
  { node }: TakeoverConfig,
  state: TakeoverState,
  phase: TakeoverPhase,
  ask: TakeoverEffect,
): TakeoverStep {
  const silenced = wonBy(node, state).flatMap((election): readonly TakeoverEffect[] => {
    election.announcer = undefined;
    const { key } = election.request;
    return [
      { type: "Withdraw", key },
      { type: "NotAnnouncing", key, to: null },
    ];
  });
  return { state: { ...state, phase }, effects: [...silenced, ask] };
}

/** A node that was cut off may have answered for this node's addresses meanwhile: announcing again corrects what neighbours believe. */
function reannounceAgainst(
  { node }: TakeoverConfig,
  { state, effects }: TakeoverStep,
  joined: readonly string[],
): TakeoverStep {
  const announced = new Set(effects.flatMap((effect) => (effect.type === "Announce" ? [effect.key] : [])));
  const others = new Set(joined);
  const again = wonBy(node, state).filter(
    ({ request }) => !announced.has(request.key) && request.candidates.some((candidate) => others.has(candidate.node)),
  );
  return { state, effects: [...effects, ...announceAgain(node, again)] };
}

/** Announces what this node announces already: its frames show another node that answers beside it who the announcer is. */
function announceAgain(node: string, elections: readonly Election[]): readonly TakeoverEffect[] {
  return elections.flatMap((election): readonly TakeoverEffect[] => [
    { type: "Withdraw", key: election.request.key },
    announce(election, node),
  ]);
}

function changeInterfaces(
  { node }: TakeoverConfig,
  state: TakeoverState,
  interfaces: ReadonlySet<string>,
): TakeoverStep {
  const changed = { ...state, interfaces };
  if (state.phase.name !== "Deciding") return { state: changed, effects: [] };
  const effects = wonBy(node, state)
    .filter(
      (election) =>
        String(existingOf(election, node, interfaces)) !== String(existingOf(election, node, state.interfaces)),
    )
    .map((election) => announcing(election, node, interfaces));
  return { state: changed, effects };
}

function requestStop({ hasMembership, times }: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { name } = state.phase;
  if (name !== "WaitingForMembers" && name !== "Deciding" && name !== "Resuming") return { state, effects: [] };
  // Without members nobody can be told to take over.
  if (!hasMembership) return { state: { ...state, phase: { name: "Stopped" } }, effects: [{ type: "Stopped" }] };
  const phase: TakeoverPhase = { name: "Leaving", stopAt: instant(now + times.leaveTimeout) };
  return { state: { ...state, phase }, effects: [{ type: "StartHandover" }, { type: "LeaveMembership" }] };
}

function completeLeave({ times }: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  if (state.phase.name !== "Leaving") return { state, effects: [] };
  const stopAt = instant(Math.min(state.phase.stopAt, now + times.handoverTime));
  return { state: { ...state, phase: { name: "HandingOver", stopAt } }, effects: [] };
}
