import { type Instant, instant, type Machine, type Step, unreachable } from "@herald-lb/sansio";
import { createFsmState, firstTimer } from "../fsm/fsm.ts";
import { administrativeShutdown, cease } from "../fsm/notification.ts";
import { drawJitter } from "../fsm/timers.ts";
import { CeaseSubcode } from "../iana.ts";
import { needsNewSession, type PeerConfig } from "../peer-config.ts";
import { EMPTY_ADJ_RIB_OUT } from "../rib/adj-rib-out.ts";
import { applyChanges, EMPTY_LOC_RIB } from "../rib/loc-rib.ts";
import { advertise } from "./advertise.ts";
import type { SpeakerConfig } from "./config.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { feed, watchSending } from "./feed.ts";
import { NO_MESSAGES } from "./message-counts.ts";
import { receiveOctets } from "./receive.ts";
import type { SpeakerState } from "./state.ts";
import { updatePeer, beginTransaction, commit, recordError, type Transaction } from "./transaction.ts";

/** The time for connections to close after `Stop`, in milliseconds. */
const STOP_TIME = 1_500;

/** The pause between the Cease that ends a session and the first attempt with a new configuration, in milliseconds. */
const RECONFIGURED_TIME = 1_000;

/** A speaker without peers and routes; `seed` is 32 bits from a source of the caller's, for jitter. */
export function createSpeakerState(seed: number): SpeakerState {
  return {
    peers: new Map(),
    locRib: EMPTY_LOC_RIB,
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
    for (const name of transaction.peers.keys()) watchSending(transaction, name);
    reportStopped(transaction);
    return commit(transaction);
  };
  return {
    step: (state, event, now) => transact(state, now, (transaction) => handle(transaction, event)),
    advance: (state, now) => {
      const deadline = nextDeadline(state);
      return deadline === null || deadline > now ? { state, effects: [] } : transact(state, now, runTimers);
    },
    nextDeadline,
  };
}

function nextDeadline(state: SpeakerState): Instant | null {
  let next: Instant | null = state.stopping?.deadline ?? null;
  for (const { fsm } of state.peers.values()) {
    const timer = firstTimer(fsm);
    if (timer !== null && (next === null || timer.at < next)) next = timer.at;
  }
  return next;
}

function runTimers(transaction: Transaction): void {
  for (const [name, { fsm }] of transaction.peers) {
    const timer = firstTimer(fsm);
    if (timer === null || timer.at > transaction.now) continue;
    if (timer.expires === "ConnectRetryTimer_Expires" && fsm.name === "Connect")
      recordError(transaction, name, { code: timer.expires });
    feed(transaction, name, { type: timer.expires });
  }
}

function handle(transaction: Transaction, event: SpeakerEvent): void {
  switch (event.type) {
    case "PeersConfigured":
      return transaction.stopping === null ? configure(transaction, event.peers) : undefined;
    case "RoutesDesired": {
      const { rib, touched } = applyChanges(transaction.locRib, event.changes);
      transaction.locRib = rib;
      for (const name of transaction.peers.keys()) advertise(transaction, name, touched);
      return;
    }
    case "Stop":
      return stop(transaction, event.communication);
    case "TcpConnected":
    case "TcpClosed":
    case "OctetsReceived":
    case "OctetsWritten":
      return handleTcp(transaction, event);
    default:
      return unreachable(event);
  }
}

type TcpEvent = Extract<SpeakerEvent, { readonly connection: number }>;

function handleTcp(transaction: Transaction, event: TcpEvent): void {
  const name = event.peer;
  if (event.type === "TcpClosed") transaction.closing.delete(event.connection);
  const connection = transaction.peers.get(name)?.connection ?? null;
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
}

function configure(transaction: Transaction, configs: readonly PeerConfig[]): void {
  const wanted = new Map<string, PeerConfig>();
  for (const config of configs) if (!wanted.has(config.name)) wanted.set(config.name, config);
  for (const [name, peer] of transaction.peers) {
    const config = wanted.get(name);
    if (config === undefined) {
      feed(transaction, name, { type: "ManualStop", notification: cease(CeaseSubcode.PeerDeConfigured) });
      transaction.peers.delete(name);
    } else if (needsNewSession(peer.config, config)) {
      reconfigure(transaction, name, config);
    } else {
      updatePeer(transaction, name, { config });
    }
  }
  for (const [name, config] of wanted) if (!transaction.peers.has(name)) addPeer(transaction, name, config);
}

/** The failures of the old configuration are not the new one's: it starts afresh, shortly after the Cease. */
function reconfigure(transaction: Transaction, name: string, config: PeerConfig): void {
  feed(transaction, name, { type: "AutomaticStop", notification: cease(CeaseSubcode.OtherConfigurationChange) });
  const random = transaction.peers.get(name)?.fsm.random ?? transaction.random;
  updatePeer(transaction, name, {
    config,
    lastError: null,
    fsm: { name: "Idle", idleHoldTimer: instant(transaction.now + RECONFIGURED_TIME), connectRetryCounter: 0, random },
  });
}

function addPeer(transaction: Transaction, name: string, config: PeerConfig): void {
  transaction.random = drawJitter(transaction.random).random;
  transaction.peers.set(name, {
    config,
    fsm: createFsmState(transaction.random),
    connection: null,
    adjRibOut: EMPTY_ADJ_RIB_OUT,
    sent: NO_MESSAGES,
    received: NO_MESSAGES,
    establishedCount: 0,
    lastError: null,
  });
  feed(transaction, name, { type: "ManualStart" });
}

function stop(transaction: Transaction, communication: string): void {
  if (transaction.stopping !== null) return;
  transaction.stopping = { deadline: instant(transaction.now + STOP_TIME) };
  for (const name of transaction.peers.keys()) {
    feed(transaction, name, { type: "ManualStop", notification: administrativeShutdown(communication) });
  }
}

function reportStopped(transaction: Transaction): void {
  const deadline = transaction.stopping?.deadline ?? null;
  if (deadline === null || (transaction.closing.size > 0 && transaction.now < deadline)) return;
  transaction.stopping = { deadline: null };
  transaction.effects.push({ type: "Stopped" });
}
