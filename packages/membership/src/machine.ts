import { type Instant, instant, type Machine, unreachable } from "@herald-lb/sansio";
import { fireSuspicions } from "./accuse.ts";
import { announceOurselves } from "./alive.ts";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import type { MembershipEvent } from "./event.ts";
import { gossip, planGossip } from "./gossip.ts";
import { beginJoining, continueJoining, desirePeers, planPushPull, pushPull, stagger } from "./join.ts";
import { beginLeaving, finishLeaving } from "./leave.ts";
import { forgivePause } from "./pause.ts";
import { beginProbe, failProbe, probeIndirectly } from "./probe.ts";
import { receivePacket } from "./receive-packet.ts";
import { fireRelays, relayDeadline } from "./relay.ts";
import { type Setup, setupOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import { acceptStream, fireStreams, noteStreamClosed, receiveOnStream } from "./streams.ts";
import { closeTurn, ignore, openTurn, type Turn } from "./turn.ts";
import { defaultVersions } from "./versions.ts";

/** One node's membership: memberlist's SWIM with Lifeguard. Start it from `initialMembership` of the same configuration. */
export function createMembership(
  config: MembershipConfig,
): Machine<MembershipState, MembershipEvent, MembershipEffect> {
  const setup: Setup = setupOf(config);
  return {
    step(state, event, now) {
      const turn = openTurn(setup, state, now);
      handle(turn, event);
      settle(turn);
      return closeTurn(turn);
    },
    advance(state, now) {
      const due = deadlineOf(state);
      if (due === null || due > now) return { state, effects: [] };
      const turn = openTurn(setup, state, now);
      forgivePause(turn, due);
      fire(turn);
      settle(turn);
      return closeTurn(turn);
    },
    nextDeadline: deadlineOf,
  };
}

function handle(turn: Turn, event: MembershipEvent): void {
  switch (event.type) {
    case "Started":
      return start(turn);
    case "PeersDesired":
      return desirePeers(turn, event.peers);
    case "KeyringDesired":
      turn.keyring = event.keyring;
      return;
    case "PacketReceived":
      if (!isTalking(turn)) return ignore(turn, "NotRunning", event.from);
      return receivePacket(turn, event.octets, event.from);
    case "StreamAccepted":
      if (isTalking(turn)) return acceptStream(turn, event.stream, event.from);
      turn.effects.push({ type: "CloseStream", stream: event.stream });
      return;
    case "StreamReceived":
      return receiveOnStream(turn, event.stream, event.octets);
    case "StreamClosed":
      return noteStreamClosed(turn, event.stream);
    case "LeaveRequested":
      return beginLeaving(turn);
    default:
      return unreachable(event);
  }
}

function isTalking(turn: Turn): boolean {
  return turn.name === "Running" || turn.name === "Leaving";
}

function start(turn: Turn): void {
  if (turn.name !== "Stopped") return;
  turn.name = "Running";
  const { probeInterval } = turn.setup.profile;
  turn.nextProbe = instant(turn.now + probeInterval * stagger(turn));
  planPushPull(turn, stagger(turn));
  announceOurselves(turn);
  beginJoining(turn);
}

/** Fires what is due. */
function fire(turn: Turn): void {
  const isDue = (at: Instant | null): boolean => at !== null && at <= turn.now;
  const { probe } = turn;
  if (probe !== null) {
    if (isDue(probe.deadline)) failProbe(turn, probe);
    else if (isDue(probe.indirectAt)) probeIndirectly(turn, probe);
  }
  fireSuspicions(turn);
  fireRelays(turn);
  fireStreams(turn);
  // A node that doubts itself stretches its probe over the next intervals, which then pass without one.
  if (isDue(turn.nextProbe) && turn.probe === null) beginProbe(turn);
  if (isDue(turn.nextJoin)) beginJoining(turn);
  if (isDue(turn.nextPushPull)) pushPull(turn);
  if (isDue(turn.nextGossip)) gossip(turn);
}

/** What every step may have made due: the next peer to join, the next round of gossip, the end of a goodbye. */
function settle(turn: Turn): void {
  continueJoining(turn);
  finishLeaving(turn);
  planGossip(turn);
}

function deadlineOf(state: MembershipState): Instant | null {
  const { probe } = state;
  let earliest = Number.POSITIVE_INFINITY;
  const consider = (at: number | null | undefined): void => {
    if (at !== null && at !== undefined && at < earliest) earliest = at;
  };
  // While a probe runs the next one waits for its end.
  if (probe === null) consider(state.nextProbe);
  else consider(Math.min(probe.indirectAt ?? probe.deadline, probe.deadline));
  consider(state.nextGossip);
  consider(state.nextPushPull);
  consider(state.nextJoin);
  consider(state.leaveDeadline);
  for (const relay of state.relays.values()) consider(relayDeadline(relay));
  for (const stream of state.streams.values()) consider(stream.deadline);
  for (const member of state.members.values()) consider(member.suspicion?.deadline);
  return earliest === Number.POSITIVE_INFINITY ? null : instant(earliest);
}

/** A node that knows only itself and whose sockets are not open yet. */
export function initialMembership(config: MembershipConfig): MembershipState {
  const { name, advertise } = config;
  return {
    name: "Stopped",
    self: name,
    keyring: config.keyring,
    random: { seed: config.seed, counter: 0 },
    members: new Map([
      [
        name,
        {
          name,
          ...advertise,
          state: "alive" as const,
          meta: config.meta ?? new Uint8Array(),
          versions: config.versions ?? defaultVersions,
          incarnation: 1,
          stateChangedAt: instant(0),
          suspicion: null,
        },
      ],
    ]),
    awareness: 0,
    sequence: 0,
    probeOrder: [name],
    probeIndex: 0,
    probe: null,
    nextProbe: null,
    relays: new Map(),
    broadcasts: [],
    broadcastCount: 0,
    nextGossip: null,
    lastGossip: null,
    nextPushPull: null,
    streams: new Map(),
    streamCount: 0,
    peers: [],
    joinQueue: [],
    nextJoin: null,
    leaveDeadline: null,
  };
}
