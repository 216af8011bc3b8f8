import { type Instant, instant, type Machine, unreachable } from "@herald-lb/sansio";
import { expireSuspicions } from "./suspect.ts";
import { broadcastAlive } from "./alive.ts";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import type { MembershipEvent } from "./event.ts";
import { gossip, planGossip } from "./gossip.ts";
import { beginJoining, continueJoining, setPeers, planPushPull, pushPull, randomStagger } from "./join.ts";
import { beginLeaving, finishLeaving } from "./leave.ts";
import { compensatePause } from "./pause.ts";
import { probeNode, failProbe, probeIndirectly } from "./probe.ts";
import { followMembers, resendNodeData, setNodeData } from "./node-data.ts";
import { noNodeData } from "./node-data-state.ts";
import { receivePacket } from "./receive-packet.ts";
import { expireRelays, relayDeadline } from "./relay.ts";
import { pingDead, planRevival } from "./revive.ts";
import { type Setup, setupOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import { acceptStream, expireStreams, closeStreamState, receiveOnStream } from "./streams.ts";
import { commit, ignore, beginTransaction, type Transaction } from "./transaction.ts";
import { beginConfirmation } from "./confirmation.ts";
import { repeatDeclarations } from "./declaration.ts";
import { lossCheckDeadline } from "./loss-check.ts";
import { changeView, finishLossChecks, planSessions } from "./watcher-sessions.ts";
import { noWatchers } from "./watcher-state.ts";

/** One node's membership: memberlist's SWIM with Lifeguard. Start it from `initialMembership` of the same configuration. */
export function createMembership(
  config: MembershipConfig,
): Machine<MembershipState, MembershipEvent, MembershipEffect> {
  const setup: Setup = setupOf(config);
  return {
    step(state, event, now) {
      const transaction = beginTransaction(setup, state, now);
      handle(transaction, event);
      finishStep(transaction);
      return commit(transaction);
    },
    advance(state, now) {
      const due = deadlineOf(state);
      if (due === null || due > now) return { state, effects: [] };
      const transaction = beginTransaction(setup, state, now);
      compensatePause(transaction, due);
      runTimers(transaction);
      finishStep(transaction);
      return commit(transaction);
    },
    nextDeadline: deadlineOf,
  };
}

function handle(transaction: Transaction, event: MembershipEvent): void {
  switch (event.type) {
    case "Started":
      return start(transaction);
    case "PeersDesired":
      return setPeers(transaction, event.peers);
    case "KeyringDesired":
      transaction.keyring = event.keyring;
      return;
    case "PacketReceived":
      if (!isActive(transaction)) return ignore(transaction, "NotRunning", event.from);
      return receivePacket(transaction, event.octets, event.from);
    case "StreamAccepted":
      if (isActive(transaction)) return acceptStream(transaction, event.stream, event.from);
      transaction.effects.push({ type: "CloseStream", stream: event.stream });
      return;
    case "StreamReceived":
      return receiveOnStream(transaction, event.stream, event.octets);
    case "StreamClosed":
      return closeStreamState(transaction, event.stream);
    case "BfdSessionChanged":
      return changeView(transaction, event.node, event.view);
    case "ConfirmationRequested":
      return beginConfirmation(transaction);
    case "RejoinRequested":
      return isActive(transaction) ? beginJoining(transaction) : undefined;
    case "NodeDataDesired":
      return setNodeData(transaction, event.octets);
    case "LeaveRequested":
      return beginLeaving(transaction);
    default:
      return unreachable(event);
  }
}

function isActive(transaction: Transaction): boolean {
  return transaction.name === "Running" || transaction.name === "Leaving";
}

function start(transaction: Transaction): void {
  if (transaction.name !== "Stopped") return;
  transaction.name = "Running";
  const { probeInterval } = transaction.setup.profile;
  transaction.nextProbe = instant(transaction.now + probeInterval * randomStagger(transaction));
  planPushPull(transaction, randomStagger(transaction));
  broadcastAlive(transaction);
  beginJoining(transaction);
}

/** Fires what is due. */
function runTimers(transaction: Transaction): void {
  const isDue = (at: Instant | null): boolean => at !== null && at <= transaction.now;
  const { probe } = transaction;
  if (probe !== null) {
    if (isDue(probe.deadline)) failProbe(transaction, probe);
    else if (isDue(probe.indirectAt)) probeIndirectly(transaction, probe);
  }
  expireSuspicions(transaction);
  finishLossChecks(transaction);
  repeatDeclarations(transaction);
  expireRelays(transaction);
  expireStreams(transaction);
  // A node that doubts itself stretches its probe over the next intervals, which then pass without one.
  if (isDue(transaction.nextProbe) && transaction.probe === null) probeNode(transaction);
  if (isDue(transaction.revival?.at ?? null)) pingDead(transaction);
  if (isDue(transaction.nextJoin)) beginJoining(transaction);
  if (isDue(transaction.nextPushPull)) pushPull(transaction);
  if (isDue(transaction.nodeData.resendAt)) resendNodeData(transaction);
  if (isDue(transaction.nextGossip)) gossip(transaction);
}

/** Does what every step may have made due: joins the next peer, plans the next gossip and the BFD sessions, completes a leave. */
function finishStep(transaction: Transaction): void {
  planSessions(transaction);
  followMembers(transaction);
  if (transaction.members !== transaction.before) planRevival(transaction);
  continueJoining(transaction);
  finishLeaving(transaction);
  planGossip(transaction);
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
  consider(state.revival?.at);
  consider(state.nodeData.resendAt);
  for (const relay of state.relays.values()) consider(relayDeadline(relay));
  for (const stream of state.streams.values()) consider(stream.deadline);
  for (const { at } of state.watcher.declarations.values()) consider(at);
  for (const check of state.watcher.checks.values()) consider(lossCheckDeadline(check));
  for (const name of state.suspects) consider(state.members.get(name)?.suspicion?.deadline);
  return earliest === Number.POSITIVE_INFINITY ? null : instant(earliest);
}

/** A node that knows only itself and whose sockets are not open yet. */
export function initialMembership(config: MembershipConfig): MembershipState {
  const { name, advertise, meta, versions } = setupOf(config);
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
          meta,
          versions,
          incarnation: 1,
          stateChangedAt: instant(0),
          suspicion: null,
          declaredBy: null,
        },
      ],
    ]),
    suspects: new Set(),
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
    revival: null,
    watcher: noWatchers,
    earlyDeaths: new Map(),
    nodeData: noNodeData,
  };
}
