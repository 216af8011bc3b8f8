import { addDeadline, type Instant, instant, removeDeadline, takeDue } from "@herald-lb/sansio";
import { divideGroups, joinInStep, setApart } from "../rib/adj-ribs-out.ts";
import { type ReportRefusal, updateViews } from "../rib/group-view.ts";
import { applyChanges, forgetIfUnused } from "../rib/loc-rib.ts";
import { hasWork, pendingOf } from "../rib/subgroup.ts";
import { REFUSAL_COST } from "../rib/subgroup-pass.ts";
import { WINDOW } from "../rib/subgroup-updates.ts";
import type { Subgroup } from "../rib/update-group.ts";
import { isFull } from "./send-message.ts";
import type { SpeakerState } from "./state.ts";
import { tellSubgroup } from "./tell-subgroup.ts";
import { peerOf, type Transaction } from "./transaction.ts";

/** The number of routes that each part of a slice handles, about a millisecond's work. */
const SLICE = WINDOW;

/** The time that the members of a subgroup wait for the slowest of them before it gets one of its own, in milliseconds. */
const PATIENCE = 100;

/** True where a slice of work on the routes would get on. */
export function isWorkLeft(state: SpeakerState): boolean {
  const { locRib, adjRibsOut } = state;
  return locRib.inbox.length > 0 || adjRibsOut.ready.size > 0 || (hasChanges(state) && !isCrowded(state));
}

/**
 * Does one slice of the work on the routes, short enough for sockets and timers to wait for: applies changes, finds what they are to each group,
 * and tells the peers. What is left is due at once, after the events that came meanwhile.
 */
export function workOnRoutes(transaction: Transaction): void {
  const { state } = transaction;
  const { locRib, adjRibsOut } = state;
  applyChanges(locRib, SLICE, (peers) => divideGroups(adjRibsOut, locRib, peers));
  // Half of a key's change is never told: the rest follows within milliseconds.
  if (locRib.inbox.length === 0) {
    updateGroups(transaction);
    tellSubgroups(transaction);
  }
  state.workSince = isWorkLeft(state) ? transaction.now : null;
}

/** Lets a peer be told more where the kernel has taken octets of what it was told. */
export function noteProgress({ state: { adjRibsOut } }: Transaction, name: string): void {
  const subgroup = adjRibsOut.subgroupOf.get(name);
  if (subgroup !== undefined && hasWork(subgroup)) adjRibsOut.ready.add(subgroup);
}

/** Gives a peer that others have waited for long enough a subgroup of its own. One at a time, since each takes a copy of what is pending. */
export function losePatience(transaction: Transaction): void {
  const { adjRibsOut, locRib } = transaction.state;
  for (const subgroup of takeDue(adjRibsOut.waiting, transaction.now)) {
    const slow = slowMember(transaction, subgroup);
    if (slow !== null) setApart(adjRibsOut, locRib, slow);
    if (slowMember(transaction, subgroup) === null || subgroup.members.size === 1) adjRibsOut.ready.add(subgroup);
    else addDeadline(adjRibsOut.waiting, subgroup, transaction.now);
  }
}

/** When the next peer is waited for no longer; null while nobody waits. */
export function patienceEnd({ adjRibsOut }: SpeakerState): Instant | null {
  return adjRibsOut.waiting.heap[0]?.at ?? null;
}

function hasChanges({ locRib }: SpeakerState): boolean {
  return locRib.gone.size > 0 || locRib.changed.size > 0;
}

/** True where a subgroup that may have to be divided has so much before it that a copy of more would take long. */
function isCrowded({ adjRibsOut }: SpeakerState): boolean {
  for (const { subgroups } of adjRibsOut.groups)
    for (const subgroup of subgroups) if (subgroup.members.size > 1 && pendingOf(subgroup) >= 2 * WINDOW) return true;
  return false;
}

function updateGroups(transaction: Transaction): void {
  const { state, effects } = transaction;
  const { locRib, adjRibsOut } = state;
  if (!hasChanges(state) || isCrowded(state)) return;
  const report = reporter(transaction);
  let left = SLICE;
  let subgroups = 0;
  for (const group of adjRibsOut.groups) subgroups += group.subgroups.size;
  for (const destinations of [locRib.gone, locRib.changed]) {
    for (const destination of destinations) {
      if (left <= 0) break;
      const reported = effects.length;
      destinations.delete(destination);
      updateViews(locRib, adjRibsOut.groups, destination, report);
      forgetIfUnused(locRib, destination);
      left -= Math.max(1, subgroups / 4) + REFUSAL_COST * (effects.length - reported);
    }
  }
  for (const group of adjRibsOut.groups)
    for (const subgroup of group.subgroups) if (pendingOf(subgroup) > 0) adjRibsOut.ready.add(subgroup);
}

function tellSubgroups(transaction: Transaction): void {
  const { state, now } = transaction;
  const { ready, waiting } = state.adjRibsOut;
  const isQuiet = !hasChanges(state) || isCrowded(state);
  let left = SLICE;
  const report = reporter(transaction);
  // Those that have more to be told take their next turn in the next slice.
  const turn = Array.from(ready);
  for (const subgroup of turn) {
    if (left <= 0) return;
    ready.delete(subgroup);
    if (slowMember(transaction, subgroup) !== null) {
      if (subgroup.members.size > 1) addDeadline(waiting, subgroup, instant(now + PATIENCE));
      continue;
    }
    removeDeadline(waiting, subgroup);
    left -= tellSubgroup(transaction, subgroup, isQuiet, report);
    if (hasWork(subgroup)) ready.add(subgroup);
    else joinInStep(state.adjRibsOut, subgroup);
  }
}

/** A member that takes nothing at present; null where there is none. */
function slowMember(transaction: Transaction, { members }: Subgroup): string | null {
  for (const name of members) if (isFull(peerOf(transaction, name))) return name;
  return null;
}

function reporter({ effects }: Transaction): ReportRefusal {
  return (peer, { prefix }, reason) => void effects.push({ type: "RouteNotAnnounced", peer, prefix, reason });
}
