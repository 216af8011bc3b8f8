import { type Instant, instant } from "@herald-lb/sansio";
import { electorateOf, lacksReports } from "./choice.ts";
import { announce, decide, wonBy } from "./elections.ts";
import { hearWatchers, suspectIsolation } from "./isolation.ts";
import { tentativeOf } from "./holding.ts";
import { isSameButOwned, type NodeReport } from "./node-report.ts";
import { decideOwned } from "./requests.ts";
import { forgetSpeakers, learnSpeaker } from "./speakers.ts";
import type { TakeoverConfig } from "./takeover-config.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { Election, TakeoverPhase, TakeoverState } from "./takeover-state.ts";
import { andThen, type PhaseOf, type TakeoverStep, unchanged } from "./takeover-step.ts";

/** The largest number of dead nodes that are remembered. */
const MOST_DEAD = 1_000;

/** Takes the number of other speakers that should be members. */
export function expectPeers(config: TakeoverConfig, state: TakeoverState, count: number, now: Instant): TakeoverStep {
  const expecting = { ...state, expected: count };
  const { phase } = state;
  if (phase.name !== "WaitingForMembers") return unchanged(expecting);
  if (isComplete(phase, count)) return setLive(config, expecting, phase.reached ?? new Set([config.node]), now);
  const decideAt = phase.decideAt ?? instant(now + config.times.aloneTimeout);
  return unchanged({ ...expecting, phase: { ...phase, decideAt } });
}

/** Takes the live members, and those that joined since the last time. */
export function changeMembers(
  config: TakeoverConfig,
  before: TakeoverState,
  event: Extract<TakeoverEvent, { type: "MembersChanged" }>,
  now: Instant,
): TakeoverStep {
  const live = new Set(event.live);
  const dead = latestDeaths(before.dead, event.died, live);
  const joins = withJoined(before.joins, event.joined);
  const known = withoutReportsOf({ ...before, dead, joins }, (node) => !live.has(node) || event.joined.includes(node));
  return andThen(forgetSpeakers(known, live), (state) => decideAmong(config, state, live, event, now));
}

/** The nodes that died and are not back, the last of them where there are too many: machines that come under new names never return under the old ones. */
function latestDeaths(
  before: ReadonlySet<string>,
  died: readonly string[],
  live: ReadonlySet<string>,
): ReadonlySet<string> {
  const again = new Set(died);
  const dead = [...[...before].filter((node) => !again.has(node)), ...again].filter((node) => !live.has(node));
  return new Set(dead.slice(-MOST_DEAD));
}

function decideAmong(
  config: TakeoverConfig,
  state: TakeoverState,
  live: ReadonlySet<string>,
  event: Extract<TakeoverEvent, { type: "MembersChanged" }>,
  now: Instant,
): TakeoverStep {
  const { phase } = state;
  switch (phase.name) {
    case "Deciding": {
      const decided = reannounceAgainst(config, setLive(config, state, live, now), event.joined);
      // Members that left in order have stopped: it is a death that may be this node's own isolation.
      const hasLostAll = live.size <= 1 && event.died.length > 0;
      return hasLostAll ? andThen(decided, (after) => suspectIsolation(config, after, now)) : decided;
    }
    case "Isolated": {
      const known = { ...state, phase: { ...phase, live } };
      return event.joined.length > 0 ? hearWatchers(config, known, now) : unchanged(known);
    }
    case "Resuming":
      return unchanged({ ...state, phase: { ...phase, live } });
    case "WaitingForMembers": {
      const waiting: PhaseOf<"WaitingForMembers"> = { ...phase, reached: live };
      if (isComplete(waiting, state.expected)) return setLive(config, state, live, now);
      // The first members that answer show that the network works: the others have a shorter time to come.
      const decideAt = phase.reached === null ? instant(now + config.times.remainingTimeout) : phase.decideAt;
      return unchanged({ ...state, phase: { ...waiting, decideAt } });
    }
    default:
      return unchanged(state);
  }
}

/** Decides every election among these live nodes, from now on. */
export function setLive(
  { node, hasMembership, times }: TakeoverConfig,
  state: TakeoverState,
  live: ReadonlySet<string>,
  now: Instant,
): TakeoverStep {
  const { phase } = state;
  const { name } = phase;
  if (name !== "WaitingForMembers" && name !== "Deciding" && name !== "Resuming" && name !== "Isolated")
    return unchanged(state);
  const begins = name !== "Deciding";
  const isWaiting = hasMembership && (begins || phase.reportsBy !== null) && lacksReports(node, live, state.reports);
  const reportsBy = !isWaiting ? null : begins ? instant(now + times.reportTimeout) : phase.reportsBy;
  const isolatedAt = begins || live.size > 1 ? null : phase.isolatedAt;
  const electorate = electorateOf(node, state, live, reportsBy !== null);
  const decided = decide(state.elections.values(), electorate, state);
  const effects: readonly TakeoverEffect[] = state.isSilent ? [...decided, { type: "EndSilence" }] : decided;
  const deciding: TakeoverPhase = { name: "Deciding", live, reportsBy, isolatedAt, spreadDue: null };
  return { state: { ...state, phase: deciding, isSilent: false }, effects };
}

/** Decides every election anew where elections are decided, because a fact behind them has changed. */
export function decideAgain(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  return state.phase.name === "Deciding" ? setLive(config, state, state.phase.live, now) : unchanged(state);
}

/** Ends the wait for reports. */
export function decideWithoutReports(config: TakeoverConfig, state: TakeoverState, now: Instant): TakeoverStep {
  if (state.phase.name !== "Deciding") return unchanged(state);
  return decideAgain(config, { ...state, phase: { ...state.phase, reportsBy: null } }, now);
}

/** Takes the report of another node. */
export function takeNodeReport(
  config: TakeoverConfig,
  state: TakeoverState,
  { node, report }: { readonly node: string; readonly report: NodeReport },
  now: Instant,
): TakeoverStep {
  const before = state.reports.get(node);
  const reports = new Map(state.reports).set(node, report);
  return andThen(learnSpeaker({ ...state, reports }, node, report), (after) => {
    const isAwaited = after.phase.name === "Deciding" && after.phase.reportsBy !== null;
    if (before === undefined || isAwaited || !isSameButOwned(before, report)) return decideAgain(config, after, now);
    return decideOwned(config, after, before.owned.symmetricDifference(report.owned), now);
  });
}

/** Announces again what this node alone announces: its frames show another node that answers beside it who the announcer is. What is only probed was not announced. */
export function announceAgain(node: string, elections: readonly Election[]): readonly TakeoverEffect[] {
  return elections
    .filter(({ sharing }) => sharing === null)
    .filter((election) => tentativeOf(election).length < election.request.addresses.length)
    .flatMap((election): readonly TakeoverEffect[] => [
      { type: "Withdraw", key: election.request.key },
      announce(election, node),
    ]);
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

/** True where every expected speaker is a member: the members count this node, the expectation does not. */
function isComplete({ reached }: PhaseOf<"WaitingForMembers">, expected: number | null): boolean {
  return expected !== null && (expected === 0 || (reached?.size ?? 0) > expected);
}

function withJoined(joins: ReadonlyMap<string, number>, joined: readonly string[]): ReadonlyMap<string, number> {
  if (joined.length === 0) return joins;
  const after = new Map(joins);
  for (const node of joined) after.set(node, (after.get(node) ?? 0) + 1);
  return after;
}

function withoutReportsOf(state: TakeoverState, isGone: (node: string) => boolean): TakeoverState {
  const kept = [...state.reports].filter(([node]) => !isGone(node));
  return kept.length === state.reports.size ? state : { ...state, reports: new Map(kept) };
}
