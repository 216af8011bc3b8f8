import type { Instant, Step } from "@herald-lb/sansio";
import type { IgnoreReason, MembershipEffect } from "./effect.ts";
import type { Endpoint } from "./endpoint.ts";
import type { StreamId } from "./event.ts";
import { isUp, type Member, type MemberView, viewOf } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { Relay } from "./probe-state.ts";
import { type Setup, wireOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import type { Stream } from "./stream-state.ts";
import type { Wire } from "./wire/packet.ts";

type Working = { -readonly [Key in keyof MembershipState]: MembershipState[Key] };

/** One step in the making: a copy of the state that its parts may change, and what the host shall do. */
export interface Turn extends Working {
  readonly setup: Setup;
  readonly now: Instant;
  readonly effects: MembershipEffect[];
  /** The members as they were when the step began. */
  readonly before: ReadonlyMap<NodeName, Member>;
  members: Map<NodeName, Member>;
  relays: Map<number, Relay>;
  streams: Map<StreamId, Stream>;
}

/** Begins a step; `state` itself stays as it is. */
export function openTurn(setup: Setup, state: MembershipState, now: Instant): Turn {
  return {
    ...state,
    members: new Map(state.members),
    relays: new Map(state.relays),
    streams: new Map(state.streams),
    setup,
    now,
    effects: [],
    before: state.members,
  };
}

/** Ends a step; what became of the members in its course is told once, as the difference. */
export function closeTurn(turn: Turn): Step<MembershipState, MembershipEffect> {
  const { setup: _setup, now: _now, effects, before, ...state } = turn;
  const joined: MemberView[] = [];
  const left: MemberView[] = [];
  const updated: MemberView[] = [];
  for (const [name, after] of state.members) {
    const earlier = before.get(name);
    if (earlier === after || name === state.self) continue;
    const wasUp = earlier !== undefined && isUp(earlier);
    if (isUp(after) && !wasUp) joined.push(viewOf(after));
    else if (!isUp(after) && wasUp) left.push(viewOf(after));
    else if (isUp(after) && earlier !== undefined && saysOtherwise(earlier, after)) updated.push(viewOf(after));
  }
  if (joined.length + left.length + updated.length > 0) effects.push({ type: "MembersChanged", joined, left, updated });
  return { state, effects };
}

function saysOtherwise(a: Member, b: Member): boolean {
  if (a.address !== b.address || a.port !== b.port || a.meta.length !== b.meta.length) return true;
  return a.meta.some((octet, at) => octet !== b.meta[at]);
}

/** Our own entry, which is always there. */
export function ourselves(turn: Turn): Member {
  const member = turn.members.get(turn.self);
  if (member === undefined) throw new Error(`member missing: ${turn.self}`);
  return member;
}

/** What the codec needs to know. */
export function wire(turn: Turn): Wire {
  return wireOf(turn.setup, turn.keyring);
}

/** Puts a member in its place, or changes what is known of it. */
export function setMember(turn: Turn, member: Member): void {
  turn.members.set(member.name, member);
}

/** Reports what was not acted upon. */
export function ignore(turn: Turn, reason: IgnoreReason, from: Endpoint | null, detail = ""): void {
  turn.effects.push({ type: "Ignored", reason, from, detail });
}
