import type { Instant, Step } from "@herald-lb/sansio";
import type { IgnoreReason, MembershipEffect } from "./effect.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { StreamId } from "./event.ts";
import { hasChanged, isUp, type Member, type MemberView, viewOf } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { Relay } from "./probe-state.ts";
import { type Setup, wireConfigOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import type { Stream } from "./stream-state.ts";
import type { WireConfig } from "./wire/packet.ts";

type Working = { -readonly [Key in keyof MembershipState]: MembershipState[Key] };

/** One step in the making: a copy of the state that its parts may change, and what the host shall do. */
export interface Transaction extends Working {
  readonly setup: Setup;
  readonly now: Instant;
  readonly effects: MembershipEffect[];
  /** The members as they were when the step began. They are copied only by a step that changes one: a packet must not cost O(members). */
  readonly before: ReadonlyMap<NodeName, Member>;
  relays: Map<number, Relay>;
  streams: Map<StreamId, Stream>;
}

/** Begins a step; `state` itself stays as it is. */
export function beginTransaction(setup: Setup, state: MembershipState, now: Instant): Transaction {
  return {
    ...state,
    relays: new Map(state.relays),
    streams: new Map(state.streams),
    setup,
    now,
    effects: [],
    before: state.members,
  };
}

/** Ends a step; one effect reports how its members changed. */
export function commit(transaction: Transaction): Step<MembershipState, MembershipEffect> {
  const { setup: _setup, now: _now, effects, before, ...state } = transaction;
  if (state.members === before) return { state, effects };
  const joined: MemberView[] = [];
  const left: MemberView[] = [];
  const updated: MemberView[] = [];
  for (const [name, after] of state.members) {
    const earlier = before.get(name);
    if (earlier === after || name === state.self) continue;
    const wasUp = earlier !== undefined && isUp(earlier);
    if (isUp(after) && !wasUp) joined.push(viewOf(after));
    else if (!isUp(after) && wasUp) left.push(viewOf(after));
    else if (isUp(after) && earlier !== undefined && hasChanged(earlier, after)) updated.push(viewOf(after));
  }
  if (joined.length + left.length + updated.length > 0) effects.push({ type: "MembersChanged", joined, left, updated });
  return { state, effects };
}

/** Our own entry, which is always there. */
export function ownMember(transaction: Transaction): Member {
  const member = transaction.members.get(transaction.self);
  if (member === undefined) throw new Error(`member missing: ${transaction.self}`);
  return member;
}

/** The configuration of the codec. */
export function wire(transaction: Transaction): WireConfig {
  return wireConfigOf(transaction.setup, transaction.keyring);
}

/** Puts a member in its place, or changes what is known of it. */
export function setMember(transaction: Transaction, member: Member): void {
  changedMembers(transaction).set(member.name, member);
  if (transaction.suspects.has(member.name) === (member.suspicion !== null)) return;
  const suspects = new Set(transaction.suspects);
  if (member.suspicion === null) suspects.delete(member.name);
  else suspects.add(member.name);
  transaction.suspects = suspects;
}

/** Forgets a member that has long been dead. */
export function forgetMember(transaction: Transaction, name: NodeName): void {
  changedMembers(transaction).delete(name);
}

function changedMembers(transaction: Transaction): Map<NodeName, Member> {
  if (transaction.members === transaction.before) transaction.members = new Map(transaction.before);
  return transaction.members as Map<NodeName, Member>;
}

/** Reports what was not acted upon. */
export function ignore(
  transaction: Transaction,
  reason: IgnoreReason,
  from: TransportAddress | null,
  detail = "",
): void {
  transaction.effects.push({ type: "Ignored", reason, from, detail });
}
