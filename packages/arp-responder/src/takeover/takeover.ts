import { deepEqual, type Instant, instant, type Machine, unreachable } from "@herald-lb/sansio";
import { wonBy } from "./elections.ts";
import { hearWatchers, isolate, loseWatchers, suspectIsolation, takeOthersReachable, takeProbe } from "./isolation.ts";
import {
  announceAgain,
  changeMembers,
  decideAgain,
  decideWithoutReports,
  expectPeers,
  takeNodeReport,
  setLive,
} from "./members.ts";
import { holdBack, releaseBatch } from "./outbox.ts";
import { planReport, publishReport } from "./publishing.ts";
import { changeInterfaces, changeTentative, requestAnnouncement, withdrawAnnouncement } from "./requests.ts";
import { disown, noticePause, restoreLink } from "./silence.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { TakeoverPhase, TakeoverState } from "./takeover-state.ts";
import { andThen, type TakeoverStep, unchanged } from "./takeover-step.ts";

// WaitingForMembers -> Deciding -> Leaving -> HandingOver -> Stopped
//         ^             |    ^
//         |  link back  v    |
//         +---------- Resuming
//         |             ^    ^
//         +--------- Isolated
//
// Requests are kept from the first moment, and decided only in Deciding. After a pause, or when its link is back, the node is silent: in
// Resuming until the members it knows have spoken, and it keeps its announcements meanwhile; in WaitingForMembers where it knows none. In Isolated it is silent because it hears nobody. From
// Leaving on nothing is decided any more: the other members elect successors, and the responder answers until each successor has announced.

/**
 * Makes the machine that decides which services this node announces on the segment, and that hands them over when the node stops.
 * Every node runs one and decides alone; nodes with the same members, requests and reports come to the same announcers.
 */
export function createTakeover(config: TakeoverConfig): Machine<TakeoverState, TakeoverEvent, TakeoverEffect> {
  return {
    step: (state, event, now) =>
      holdBack(
        andThen(planReport(config, step(config, state, event, now), event, now), (after) =>
          advanceReport(config, after, now),
        ),
        now,
      ),
    advance: (state, now) => {
      const advanced = andThen(advancePhase(config, state, now), (after) => advanceReport(config, after, now));
      return releaseBatch(holdBack(advanced, now), now);
    },
    nextDeadline: deadlineOf,
  };
}

function step(config: TakeoverConfig, state: TakeoverState, event: TakeoverEvent, now: Instant): TakeoverStep {
  const { hasMembership } = config;
  const ofMembership = (next: () => TakeoverStep): TakeoverStep => (hasMembership ? next() : unchanged(state));
  switch (event.type) {
    case "AnnouncementRequested":
      return requestAnnouncement(config, state, event, now);
    case "AnnouncementWithdrawn":
      return withdrawAnnouncement(config, state, event.key, now);
    case "RequestsListed":
      return decideAgain(config, { ...state, knowsRequests: true }, now);
    case "PeersExpected":
      return ofMembership(() => expectPeers(config, state, event.count, now));
    case "MembersChanged":
      return ofMembership(() => changeMembers(config, state, event, now));
    case "NodesListed":
      return hasMembership ? unchanged(state) : setLive(config, state, new Set(event.nodes), now);
    case "InterfacesChanged":
      return andThen(changeInterfaces(config, state, event), (after) =>
        deepEqual(state.subnets, after.subnets) ? unchanged(after) : decideAgain(config, after, now),
      );
    case "TentativeChanged":
      return changeTentative(config, state, event);
    case "PauseNoticed":
      return noticePause(config, state, now);
    case "LinkRestored":
      return restoreLink(config, state, now);
    case "DeathRefuted":
      return refuteDeath(config, state);
    case "MembershipConfirmed":
      return state.phase.name === "Resuming" ? endResuming(config, state, new Set(event.live), now) : unchanged(state);
    case "ReportReceived":
      return ofMembership(() => takeNodeReport(config, state, event, now));
    case "LinksLost":
      return decideAgain(config, { ...state, lostLinks: event.links }, now);
    case "WatchersLost":
      return loseWatchers(config, state, now);
    case "WatchersHeard":
      return hearWatchers(config, state, now);
    case "ApiServerProbed":
      return takeProbe(config, state, event.reached, (live) => setLive(config, state, live, now));
    case "OthersReachable":
      return takeOthersReachable(state, event.count, (live, after) => setLive(config, after, live, now));
    case "StopRequested":
      return requestStop(config, state, now);
    case "LeaveCompleted":
      return completeLeave(config, state, now);
    default:
      return unreachable(event);
  }
}

function advancePhase(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const deadline = phaseDeadline(state.phase);
  if (deadline === null || now < deadline) return unchanged(state);
  return planReport(config, endPhase(config, state, now), null, now);
}

function endPhase(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { phase } = state;
  switch (phase.name) {
    case "Resuming":
      return endResuming(config, state, phase.live, now);
    case "WaitingForMembers":
      return setLive(config, state, phase.reached ?? new Set([config.node]), now);
    case "Deciding":
      if (isDue(phase.isolatedAt, now)) return isolate(config, state);
      return isDue(phase.reportsBy, now) ? decideWithoutReports(config, state, now) : decideAgain(config, state, now);
    default:
      return { state: { ...state, phase: { name: "Stopped" } }, effects: [{ type: "Stopped" }] };
  }
}

function advanceReport(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  return state.publishAt !== null && state.publishAt <= now ? publishReport(config, state) : unchanged(state);
}

function deadlineOf({ phase, publishAt, outbox }: TakeoverState): Instant | null {
  return earliest(earliest(phaseDeadline(phase), publishAt), outbox?.dueAt ?? null);
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null || b === null ? (a ?? b) : instant(Math.min(a, b));
}

function isDue(at: Instant | null, now: Instant): boolean {
  return at !== null && at <= now;
}

function phaseDeadline(phase: TakeoverPhase): Instant | null {
  switch (phase.name) {
    case "WaitingForMembers":
    case "Resuming":
      return phase.decideAt;
    case "Deciding":
      return earliest(earliest(phase.isolatedAt, phase.reportsBy), phase.spreadDue?.at ?? null);
    case "Leaving":
    case "HandingOver":
      return phase.stopAt;
    case "Isolated":
    case "Stopped":
      return null;
    default:
      return unreachable(phase);
  }
}

/** Decides after a silence; a node that heard no watcher meanwhile may be cut off. */
function endResuming(
  config: TakeoverConfig,
  state: TakeoverState,
  live: ReadonlySet<string>,
  now: Instant,
): TakeoverStep {
  const decided = setLive(config, state, live, now);
  return state.hasLostWatchers ? andThen(decided, (after) => suspectIsolation(config, after, now)) : decided;
}

/** Others may answer for this node's addresses: it announces them again, or, while it is silent, leaves the sticky ones to those who took them. */
function refuteDeath({ node }: TakeoverConfig, state: TakeoverState): TakeoverStep {
  if (state.phase.name === "Deciding") return { state, effects: announceAgain(node, wonBy(node, state)) };
  disown(state);
  // The others had forgotten this node, and told it nothing of what they took over.
  return unchanged({ ...state, reports: new Map() });
}

function requestStop({ hasMembership, times }: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  const { name } = state.phase;
  if (name === "Leaving" || name === "HandingOver" || name === "Stopped") return unchanged(state);
  // Without members nobody can be told to take over.
  if (!hasMembership) return { state: { ...state, phase: { name: "Stopped" } }, effects: [{ type: "Stopped" }] };
  const phase: TakeoverPhase = { name: "Leaving", stopAt: instant(now + times.leaveTimeout) };
  return { state: { ...state, phase }, effects: [{ type: "StartHandover" }, { type: "LeaveMembership" }] };
}

function completeLeave({ times }: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  if (state.phase.name !== "Leaving") return unchanged(state);
  const stopAt = instant(Math.min(state.phase.stopAt, now + times.handoverTime));
  return { state: { ...state, phase: { name: "HandingOver", stopAt } }, effects: [] };
}
