import { octetsOf } from "@herald-lb/sansio";
import { noteDead, noteSuspect } from "./accuse.ts";
import { noteAlive, versionsOf } from "./alive.ts";
import type { Endpoint } from "./endpoint.ts";
import type { MemberState } from "./member.ts";
import { disagreeing, type Speaker } from "./protocol-agreement.ts";
import { ignore, type Turn } from "./turn.ts";
import type { PushNodeState, PushPull } from "./wire/stream.ts";

/** The states in the order of their numbers on the wire. */
const states: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** Our whole view, as a push/pull tells it. */
export function pushPullOf(turn: Turn, join: boolean): PushPull {
  const nodes = [...turn.members.values()].map(
    (member): PushNodeState => ({
      name: member.name,
      addr: octetsOf(member.address),
      port: member.port,
      meta: member.meta,
      incarnation: member.incarnation,
      state: states.indexOf(member.state),
      vsn: member.versions === null ? null : Uint8Array.from(member.versions),
    }),
  );
  return { type: "pushPull", join, nodes, userState: new Uint8Array() };
}

/**
 * Takes another's view into ours, unless somebody in either speaks a version that not all do. Whom the other calls dead becomes
 * suspect here: that node may know better.
 */
export function mergeView(turn: Turn, { nodes }: PushPull, from: Endpoint): boolean {
  const odd = disagreeing([...speakersOf(nodes), ...ourSpeakers(turn)]);
  if (odd !== null) {
    ignore(turn, "ProtocolMismatch", from, odd);
    return false;
  }
  for (const node of nodes) {
    const { name, incarnation } = node;
    switch (states[node.state]) {
      case "alive":
        noteAlive(turn, { ...node, node: name }, from);
        break;
      case "left":
        noteDead(turn, { incarnation, node: name, from: name });
        break;
      case "dead":
      case "suspect":
        noteSuspect(turn, { incarnation, node: name, from: turn.self });
        break;
      case undefined:
        ignore(turn, "Malformed", from, name);
    }
  }
  return true;
}

function speakersOf(nodes: readonly PushNodeState[]): Speaker[] {
  return nodes.map(({ name, state, vsn }) => ({
    name,
    alive: state === 0,
    versions: versionsOf(vsn) ?? [0, 0, 0, 0, 0, 0],
  }));
}

function ourSpeakers(turn: Turn): Speaker[] {
  return [...turn.members.values()].map(({ name, state, versions }) => ({
    name,
    alive: state === "alive",
    versions: versions ?? [0, 0, 0, 0, 0, 0],
  }));
}
