import {
  addDeadline,
  createDeadlineHeap,
  earliestDeadline,
  type Instant,
  instant,
  type Machine,
  removeDeadline,
  type Step,
  takeDue,
  unreachable,
} from "@herald-lb/sansio";
import { firstTimer } from "../fsm/fsm.ts";
import { administrativeShutdown, cease } from "../fsm/notification.ts";
import { drawJitter } from "../fsm/timers.ts";
import { CeaseSubcode } from "../iana.ts";
import { needsNewSession, type PeerConfig } from "../peer-config.ts";
import { createAdjRibsOut } from "../rib/adj-ribs-out.ts";
import { createJournal } from "../rib/journal.ts";
import { createLocRib, noteChanges } from "../rib/loc-rib.ts";
import { acceptTcp } from "./accept.ts";
import { UNTOLD_BFD } from "./bfd-snapshot.ts";
import { changeBfd } from "./change-bfd.ts";
import type { SpeakerConfig } from "./config.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { feed, watchSending } from "./feed.ts";
import { listenRetry, noteListener, retryListeners, updateListeners } from "./listeners.ts";
import { createPeerState } from "./peer-state.ts";
import { configureRanges, restSession } from "./ranges.ts";
import { receiveOctets } from "./receive.ts";
import { endForGood, endForRestart } from "./end-session.ts";
import { onSecond, stopPeer } from "./second-connection.ts";
import { isWorkLeft, losePatience, noteProgress, patienceEnd, workOnRoutes } from "./slice.ts";
import type { PeerState, SpeakerState } from "./state.ts";
import { beginTransaction, forgetPeer, recordError, type Transaction, updatePeer } from "./transaction.ts";
import { changeRouter, findRouters } from "./unnumbered.ts";

/** The time for connections to close after `Stop`, in milliseconds. */
const STOP_TIME = 1_500;

/** The pause between the Cease that ends a session and the first attempt with a new configuration, in milliseconds. */
const RECONFIGURED_TIME = 1_000;

/** A speaker without peers and routes; `seed` is 32 bits from a source of the caller's, for jitter. */
export function createSpeakerState(seed: number): SpeakerState {
  return {
    peers: new Map(),
    ranges: new Map(),
    listeners: new Map(),
    timers: createDeadlineHeap(),
    searched: [],
    routers: new Map(),
    locRib: createLocRib(),
    adjRibsOut: createAdjRibsOut(),
    journal: createJournal(),
    workSince: null,
    nextConnection: 1,
    random: seed >>> 0,
    closing: new Set(),
    stopping: null,
  };
}

/** All BGP sessions of one node as one machine: peers and routes go in, connections and octets come out. */
export function createSpeaker(config: SpeakerConfig): Machine<SpeakerState, SpeakerEvent, SpeakerEffect> {
  const transact = (
    state: SpeakerState,
    now: Instant,
    work: (transaction: Transaction) => void,
  ): Step<SpeakerState, SpeakerEffect> => {
    const transaction = beginTransaction(config, state, now);
    work(transaction);
    // Work that is left of an earlier slice has its own turn; an event that came meanwhile takes no more than it needs.
    if (state.workSince === null && isWorkLeft(state)) workOnRoutes(transaction);
    for (const name of transaction.touched) watchPeer(transaction, name);
    reportStopped(transaction);
    return { state, effects: transaction.effects };
  };
  return {
    step: (state, event, now) => transact(state, now, (transaction) => handle(transaction, event)),
    advance: (state, now) => {
      const deadline = nextDeadline(state);
      return deadline === null || deadline > now ? { state, effects: [] } : transact(state, now, advanceTo);
    },
    nextDeadline,
  };
}

function nextDeadline(state: SpeakerState): Instant | null {
  let next: Instant | null = state.workSince;
  for (const at of [
    state.stopping?.deadline ?? null,
    earliestDeadline(state.timers),
    patienceEnd(state),
    listenRetry(state),
  ]) {
    if (at !== null && (next === null || at < next)) next = at;
  }
  return next;
}

function advanceTo(transaction: Transaction): void {
  const { state, now } = transaction;
  for (const name of takeDue(state.timers, now)) {
    transaction.touched.add(name);
    const peer = state.peers.get(name);
    if (peer === undefined) continue;
    onSecond(transaction, name, () => {
      const timer = firstTimer(peer.fsm);
      if (timer !== null && timer.at <= now) feed(transaction, name, { type: timer.expires });
    });
    const { fsm, connection } = peer;
    const timer = firstTimer(fsm);
    if (timer === null || timer.at > now) continue;
    if (peer.range !== null && timer.expires === "IdleHoldTimer_Expires") {
      forgetPeer(transaction, name);
      continue;
    }
    if (timer.expires === "ConnectRetryTimer_Expires" && fsm.name === "Connect" && connection !== null)
      recordError(transaction, name, { code: timer.expires });
    feed(transaction, name, { type: timer.expires });
  }
  losePatience(transaction);
  retryListeners(transaction);
  state.workSince = null;
}

/** Has a peer's session looked at again when its next timer expires. One that is put off is found then, and costs nothing before. */
function watchPeer(transaction: Transaction, name: string): void {
  watchSending(transaction, name);
  const { peers, timers } = transaction.state;
  const peer = peers.get(name);
  const first = peer === undefined ? null : firstTimer(peer.fsm);
  const second = peer === undefined || peer.second === null ? null : firstTimer(peer.second.fsm);
  const at = Math.min(first?.at ?? Infinity, second?.at ?? Infinity);
  if (at === Infinity) removeDeadline(timers, name);
  else addDeadline(timers, name, instant(at));
}

function handle(transaction: Transaction, event: SpeakerEvent): void {
  switch (event.type) {
    case "PeersConfigured":
      return transaction.state.stopping === null ? configure(transaction, event.peers) : undefined;
    case "RoutesDesired":
      return noteChanges(transaction.state.locRib, event.changes);
    case "TcpAccepted":
      return acceptTcp(transaction, event);
    case "Listening":
      return noteListener(transaction, event.listener, null);
    case "ListenFailed":
      return noteListener(transaction, event.listener, event.reason);
    case "RouterChanged":
      return changeRouter(transaction, event);
    case "BfdStateChanged":
      return changeBfd(transaction, event.peer, event);
    case "Stop":
      return stop(transaction, event);
    case "TcpConnected":
    case "TcpClosed":
    case "OctetsReceived":
    case "OctetsWritten":
      return handleTcp(transaction, event);
    default:
      return unreachable(event);
  }
}

type TcpEvent = Extract<SpeakerEvent, { readonly peer: string; readonly connection: number }>;

function handleTcp(transaction: Transaction, event: TcpEvent): void {
  const { peer: name, connection } = event;
  if (event.type === "TcpClosed") transaction.state.closing.delete(connection);
  if (transaction.state.peers.get(name)?.second?.connection?.id === connection)
    onSecond(transaction, name, () => handleConnection(transaction, event));
  else handleConnection(transaction, event);
  restSession(transaction, name);
}

function handleConnection(transaction: Transaction, event: TcpEvent): void {
  const name = event.peer;
  const connection = transaction.state.peers.get(name)?.connection ?? null;
  if (connection === null || connection.id !== event.connection) return;
  if (event.type === "TcpClosed") {
    const { reason } = event;
    recordError(transaction, name, { code: "TcpConnectionFails", reason });
    updatePeer(transaction, name, { connection: null });
    return feed(transaction, name, { type: "TcpConnectionFails" });
  }
  if (event.type === "TcpConnected") {
    if (connection.local !== null) return;
    const { local, otherFamily, linkLocal } = event;
    updatePeer(transaction, name, {
      connection: {
        ...connection,
        local: { local, ...(otherFamily && { otherFamily }), ...(linkLocal && { linkLocal }) },
      },
    });
    return feed(transaction, name, { type: "Tcp_CR_Acked" });
  }
  if (connection.local === null) return;
  if (event.type === "OctetsReceived") return receiveOctets(transaction, name, event.octets);
  const unsent = Math.max(0, connection.unsent - event.count);
  updatePeer(transaction, name, { connection: { ...connection, unsent } });
  feed(transaction, name, { type: "SendProgressed", waiting: unsent > 0 });
  noteProgress(transaction, name);
}

function configure(transaction: Transaction, configs: readonly PeerConfig[]): void {
  const wanted = new Map<string, PeerConfig>();
  const ranges = new Map<string, PeerConfig>();
  for (const config of configs) {
    if (wanted.has(config.name) || ranges.has(config.name)) continue;
    (config.prefix === undefined ? wanted : ranges).set(config.name, config);
  }
  configureRanges(transaction, ranges);
  for (const [name, peer] of transaction.state.peers) {
    if (peer.range !== null) continue;
    const config = wanted.get(name);
    if (config === undefined) {
      stopPeer(transaction, name, cease(CeaseSubcode.PeerDeConfigured));
      forgetPeer(transaction, name);
    } else if (needsNewSession(peer.config, config) || needsNewAttempt(peer, config)) {
      reconfigure(transaction, name, config);
    } else {
      updatePeer(transaction, name, { config, ...(config.bfd === undefined && { bfd: UNTOLD_BFD }) });
    }
  }
  for (const [name, config] of wanted) if (!transaction.state.peers.has(name)) addPeer(transaction, name, config);
  findRouters(transaction);
  updateListeners(transaction);
}

/** A session that is not there yet waits for the side that was to open it. */
function needsNewAttempt({ config, fsm }: PeerState, next: PeerConfig): boolean {
  return fsm.name !== "Established" && (config.connectionMode ?? "active") !== (next.connectionMode ?? "active");
}

/** The failures of the old configuration are not the new one's: it starts afresh, shortly after the Cease. */
function reconfigure(transaction: Transaction, name: string, config: PeerConfig): void {
  const notification = cease(CeaseSubcode.OtherConfigurationChange);
  onSecond(transaction, name, () => feed(transaction, name, { type: "AutomaticStop", notification }));
  feed(transaction, name, { type: "AutomaticStop", notification });
  const random = transaction.state.peers.get(name)?.fsm.random ?? transaction.state.random;
  updatePeer(transaction, name, {
    config,
    lastError: null,
    fsm: { name: "Idle", idleHoldTimer: instant(transaction.now + RECONFIGURED_TIME), connectRetryCounter: 0, random },
  });
}

function addPeer(transaction: Transaction, name: string, config: PeerConfig): void {
  transaction.state.random = drawJitter(transaction.state.random).random;
  transaction.state.peers.set(name, createPeerState(config, transaction.state.random));
  const isPassive = config.connectionMode === "passive";
  feed(transaction, name, { type: isPassive ? "ManualStart_with_PassiveTcpEstablishment" : "ManualStart" });
}

function stop(transaction: Transaction, { communication, restarting }: Extract<SpeakerEvent, { type: "Stop" }>): void {
  if (transaction.state.stopping !== null) return;
  transaction.state.stopping = { deadline: instant(transaction.now + STOP_TIME) };
  updateListeners(transaction);
  const notification = administrativeShutdown(communication);
  const end = restarting === true ? endForRestart : endForGood;
  for (const name of transaction.state.peers.keys()) stopPeer(transaction, name, notification, end);
}

function reportStopped(transaction: Transaction): void {
  const deadline = transaction.state.stopping?.deadline ?? null;
  if (deadline === null || (transaction.state.closing.size > 0 && transaction.now < deadline)) return;
  transaction.state.stopping = { deadline: null };
  transaction.effects.push({ type: "Stopped" });
}
