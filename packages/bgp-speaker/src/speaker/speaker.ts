import { type Instant, instant, type Machine, unreachable } from "@herald-lb/sansio";
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
import { amend, beginTurn, endTurn, recordError, type Turn } from "./turn.ts";

/** How long connections get to close after `Stop`, in milliseconds. */
const STOP_TIME = 1_500;

/** How long a peer with a new configuration is left alone after the Cease that ended the old one, in milliseconds. */
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

/** All BGP sessions of one node as one machine: what is wanted of whom goes in, connections and octets come out. */
export function createSpeaker(config: SpeakerConfig): Machine<SpeakerState, SpeakerEvent, SpeakerEffect> {
  const turnOf = (
    state: SpeakerState,
    now: Instant,
    work: (turn: Turn) => void,
  ): { state: SpeakerState; effects: SpeakerEffect[] } => {
    const turn = beginTurn(config, state, now);
    work(turn);
    for (const name of turn.peers.keys()) watchSending(turn, name);
    sayStopped(turn);
    return { state: endTurn(turn), effects: turn.effects };
  };
  return {
    step: (state, event, now) => turnOf(state, now, (turn) => handle(turn, event)),
    advance: (state, now) => {
      const deadline = nextDeadline(state);
      return deadline === null || deadline > now ? { state, effects: [] } : turnOf(state, now, fireTimers);
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

function fireTimers(turn: Turn): void {
  for (const [name, { fsm }] of turn.peers) {
    const timer = firstTimer(fsm);
    if (timer === null || timer.at > turn.now) continue;
    if (timer.expires === "ConnectRetryTimer_Expires" && fsm.name === "Connect")
      recordError(turn, name, { code: timer.expires });
    feed(turn, name, { type: timer.expires });
  }
}

function handle(turn: Turn, event: SpeakerEvent): void {
  switch (event.type) {
    case "PeersConfigured":
      return turn.stopping === null ? configure(turn, event.peers) : undefined;
    case "RoutesDesired": {
      const { rib, touched } = applyChanges(turn.locRib, event.changes);
      turn.locRib = rib;
      for (const name of turn.peers.keys()) advertise(turn, name, touched);
      return;
    }
    case "Stop":
      return stop(turn, event.communication);
    case "TcpConnected":
    case "TcpClosed":
    case "OctetsReceived":
    case "OctetsWritten":
      return handleTcp(turn, event);
    default:
      return unreachable(event);
  }
}

type TcpEvent = Extract<SpeakerEvent, { readonly connection: number }>;

function handleTcp(turn: Turn, event: TcpEvent): void {
  const name = event.peer;
  if (event.type === "TcpClosed") turn.closing.delete(event.connection);
  const connection = turn.peers.get(name)?.connection ?? null;
  if (connection === null || connection.id !== event.connection) return;
  if (event.type === "TcpClosed") {
    const { reason } = event;
    recordError(turn, name, { code: "TcpConnectionFails", reason });
    amend(turn, name, { connection: null });
    return feed(turn, name, { type: "TcpConnectionFails" });
  }
  if (event.type === "TcpConnected") {
    if (connection.local !== null) return;
    const { local, otherFamily, linkLocal } = event;
    amend(turn, name, {
      connection: {
        ...connection,
        local: { local, ...(otherFamily && { otherFamily }), ...(linkLocal && { linkLocal }) },
      },
    });
    return feed(turn, name, { type: "Tcp_CR_Acked" });
  }
  if (connection.local === null) return;
  if (event.type === "OctetsReceived") return receiveOctets(turn, name, event.octets);
  const unsent = Math.max(0, connection.unsent - event.count);
  amend(turn, name, { connection: { ...connection, unsent } });
  feed(turn, name, { type: "SendProgressed", waiting: unsent > 0 });
}

function configure(turn: Turn, configs: readonly PeerConfig[]): void {
  const wanted = new Map<string, PeerConfig>();
  for (const config of configs) if (!wanted.has(config.name)) wanted.set(config.name, config);
  for (const [name, peer] of turn.peers) {
    const config = wanted.get(name);
    if (config === undefined) {
      feed(turn, name, { type: "ManualStop", notification: cease(CeaseSubcode.PeerDeConfigured) });
      turn.peers.delete(name);
    } else if (needsNewSession(peer.config, config)) {
      reconfigure(turn, name, config);
    } else {
      amend(turn, name, { config });
    }
  }
  for (const [name, config] of wanted) if (!turn.peers.has(name)) addPeer(turn, name, config);
}

/** The failures of the old configuration are not the new one's: it starts afresh, shortly after the Cease. */
function reconfigure(turn: Turn, name: string, config: PeerConfig): void {
  feed(turn, name, { type: "AutomaticStop", notification: cease(CeaseSubcode.OtherConfigurationChange) });
  const random = turn.peers.get(name)?.fsm.random ?? turn.random;
  amend(turn, name, {
    config,
    lastError: null,
    fsm: { name: "Idle", idleHoldTimer: instant(turn.now + RECONFIGURED_TIME), connectRetryCounter: 0, random },
  });
}

function addPeer(turn: Turn, name: string, config: PeerConfig): void {
  turn.random = drawJitter(turn.random).random;
  turn.peers.set(name, {
    config,
    fsm: createFsmState(turn.random),
    connection: null,
    adjRibOut: EMPTY_ADJ_RIB_OUT,
    sent: NO_MESSAGES,
    received: NO_MESSAGES,
    establishedCount: 0,
    lastError: null,
  });
  feed(turn, name, { type: "ManualStart" });
}

function stop(turn: Turn, communication: string): void {
  if (turn.stopping !== null) return;
  turn.stopping = { deadline: instant(turn.now + STOP_TIME) };
  for (const name of turn.peers.keys()) {
    feed(turn, name, { type: "ManualStop", notification: administrativeShutdown(communication) });
  }
}

function sayStopped(turn: Turn): void {
  const deadline = turn.stopping?.deadline ?? null;
  if (deadline === null || (turn.closing.size > 0 && turn.now < deadline)) return;
  turn.stopping = { deadline: null };
  turn.effects.push({ type: "Stopped" });
}
