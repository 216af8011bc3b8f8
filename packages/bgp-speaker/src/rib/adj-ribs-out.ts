import { type DeadlineHeap, createDeadlineHeap, removeDeadline } from "@herald-lb/sansio";
import { configuredNameOf } from "../session-name.ts";
import type { LocRib } from "./loc-rib.ts";
import type { OutboundSession } from "./outbound-route.ts";
import { haveEqualRoutes } from "./peer-lists.ts";
import { detach, dropSubgroup, mergeInStep } from "./subgroup.ts";
import { createSubgroup, createUpdateGroup, type Subgroup, type UpdateGroup } from "./update-group.ts";

/** The Adj-RIBs-Out of all established peers, RFC 4271 §3.2, as update groups and their subgroups. Changed in place. */
export interface AdjRibsOut {
  readonly groups: Set<UpdateGroup>;
  /** The subgroup of each established peer. */
  readonly subgroupOf: Map<string, Subgroup>;
  /** Subgroups that may be told something now. */
  readonly ready: Set<Subgroup>;
  /** Subgroups of several members that wait for the slowest, each until the end of its patience. */
  readonly waiting: DeadlineHeap<Subgroup>;
}

/** No peer established. */
export function createAdjRibsOut(): AdjRibsOut {
  return { groups: new Set(), subgroupOf: new Map(), ready: new Set(), waiting: createDeadlineHeap() };
}

/** Takes in a peer that was just Established, and has all of its routes told to it. */
export function joinUpdateGroup(ribs: AdjRibsOut, rib: LocRib, name: string, session: OutboundSession): void {
  const sessionKey = JSON.stringify(session);
  let group = [...ribs.groups].find((each) => each.sessionKey === sessionKey && hasRoutesOf(rib, each, name));
  if (group === undefined) {
    group = createUpdateGroup(sessionKey, session);
    ribs.groups.add(group);
  }
  const subgroup = createSubgroup(group);
  subgroup.members.add(name);
  ribs.subgroupOf.set(name, subgroup);
  ribs.ready.add(subgroup);
}

/** Forgets what a peer was told whose session has ended. */
export function leaveUpdateGroup(ribs: AdjRibsOut, rib: LocRib, name: string): void {
  const subgroup = ribs.subgroupOf.get(name);
  if (subgroup === undefined) return;
  ribs.subgroupOf.delete(name);
  subgroup.members.delete(name);
  if (subgroup.members.size > 0) return;
  dropSubgroup(rib, subgroup);
  ribs.ready.delete(subgroup);
  removeDeadline(ribs.waiting, subgroup);
  if (subgroup.group.subgroups.size === 0) ribs.groups.delete(subgroup.group);
}

/** Gives a peer a subgroup of its own, which is told things by itself from now on. */
export function setApart(ribs: AdjRibsOut, rib: LocRib, name: string): Subgroup | null {
  const subgroup = ribs.subgroupOf.get(name);
  if (subgroup === undefined || subgroup.members.size === 1) return subgroup ?? null;
  const own = detach(rib, subgroup, [name], subgroup.group);
  ribs.subgroupOf.set(name, own);
  return own;
}

/** Joins a subgroup that has caught up with the one that is in step. */
export function joinInStep(ribs: AdjRibsOut, subgroup: Subgroup): void {
  const joined = mergeInStep(subgroup);
  if (joined !== subgroup) for (const name of subgroup.members) ribs.subgroupOf.set(name, joined);
}

/** Divides every group of which a wanted route names some members and others not. */
export function divideGroups(ribs: AdjRibsOut, rib: LocRib, peers: ReadonlySet<string>): void {
  for (const group of ribs.groups) {
    const members = [...group.subgroups].flatMap((subgroup) => [...subgroup.members]);
    const named = members.filter((name) => peers.has(configuredNameOf(name)));
    if (named.length > 0 && named.length < members.length) divide(ribs, rib, group, peers);
  }
}

function divide(ribs: AdjRibsOut, rib: LocRib, group: UpdateGroup, peers: ReadonlySet<string>): void {
  const other: UpdateGroup = {
    ...createUpdateGroup(group.sessionKey, group.session),
    view: [...group.view],
    viewEnd: group.viewEnd,
    refusals: group.refusals,
  };
  ribs.groups.add(other);
  for (const subgroup of group.subgroups) {
    const moving = [...subgroup.members].filter((name) => peers.has(configuredNameOf(name)));
    if (moving.length === 0) continue;
    const moved = detach(rib, subgroup, moving, other);
    for (const name of moving) ribs.subgroupOf.set(name, moved);
    ribs.ready.add(moved);
    if (subgroup.members.size > 0) continue;
    dropSubgroup(rib, subgroup);
    ribs.ready.delete(subgroup);
    removeDeadline(ribs.waiting, subgroup);
  }
}

function hasRoutesOf(rib: LocRib, group: UpdateGroup, name: string): boolean {
  for (const { members } of group.subgroups)
    for (const member of members)
      return haveEqualRoutes(rib.peerLists, configuredNameOf(member), configuredNameOf(name));
  return false;
}
