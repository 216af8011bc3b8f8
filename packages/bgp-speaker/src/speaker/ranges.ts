import { instant, type IpPrefix, prefixContains, prefixLength } from "@herald-lb/sansio";
import { cease } from "../fsm/notification.ts";
import { drawJitter, IDLE_HOLD_TIME } from "../fsm/timers.ts";
import { CeaseSubcode } from "../iana.ts";
import { needsNewSession, type PeerConfig } from "../peer-config.ts";
import { sessionName } from "../session-name.ts";
import type { RejectionReason } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";
import { dropTcp, feed } from "./feed.ts";
import { listenerOf } from "./listeners.ts";
import { createPeerState } from "./peer-state.ts";
import { onSecond, stopPeer } from "./second-connection.ts";
import type { PeerState, SpeakerState } from "./state.ts";
import { forgetPeer, type Transaction, updatePeer } from "./transaction.ts";

type TcpAccepted = Extract<SpeakerEvent, { type: "TcpAccepted" }>;

/** The number of sessions of a range that names none. */
const MAX_SESSIONS = 16;

/**
 * The session of a dynamic neighbor with the address of a connection, new where it has none, or the reason why it gets none. Where a range is full,
 * the oldest that has not sent its OPEN makes room: a neighbor sends it at once.
 */
export function sessionInRange(transaction: Transaction, event: TcpAccepted): PeerState | RejectionReason {
  const { state } = transaction;
  const range = longestRange(state, event);
  if (range === null) return "UnknownPeer";
  if (range.sourceAddress !== undefined && range.sourceAddress !== event.local) return "NotExpected";
  const name = sessionName(range.name, event.address);
  const known = state.peers.get(name);
  if (known !== undefined) return known;
  if (sessionsOf(state, range.name).length >= (range.maxSessions ?? MAX_SESSIONS) && !makeRoom(transaction, range.name))
    return "TooManySessions";
  state.random = drawJitter(state.random).random;
  const peer = createPeerState(configInRange(range, name, event.address), state.random, range.name);
  state.peers.set(name, peer);
  feed(transaction, name, { type: "ManualStart_with_PassiveTcpEstablishment" });
  return peer;
}

/** Takes the ranges that there are from now on: a session ends that no range allows any more, or that must be another. */
export function configureRanges(transaction: Transaction, ranges: ReadonlyMap<string, PeerConfig>): void {
  const { state } = transaction;
  for (const [name, { config, range: rangeName }] of state.peers) {
    if (rangeName === null || config.address === undefined) continue;
    const range = ranges.get(rangeName);
    const next = range === undefined ? null : configInRange(range, name, config.address);
    if (next !== null && range?.prefix !== undefined && prefixContains(range.prefix, config.address)) {
      if (!needsNewSession(config, next)) {
        updatePeer(transaction, name, { config: next });
        continue;
      }
      stopPeer(transaction, name, cease(CeaseSubcode.OtherConfigurationChange));
    } else stopPeer(transaction, name, cease(CeaseSubcode.PeerDeConfigured));
    forgetPeer(transaction, name);
  }
  const before = new Map(state.ranges);
  state.ranges.clear();
  for (const [name, config] of ranges)
    state.ranges.set(name, { config, lastError: before.get(name)?.lastError ?? null });
}

/** Lets a dynamic neighbor that closed before its OPEN pause as well, or nothing would end it. */
export function restSession(transaction: Transaction, name: string): void {
  const peer = transaction.state.peers.get(name);
  if (peer === undefined || peer.range === null || peer.fsm.name !== "Active" || peer.connection !== null) return;
  const { connectRetryCounter, random } = peer.fsm;
  const idleHoldTimer = instant(transaction.now + IDLE_HOLD_TIME);
  updatePeer(transaction, name, { fsm: { name: "Idle", connectRetryCounter, random, idleHoldTimer } });
}

function configInRange(range: PeerConfig, name: string, address: TcpAccepted["address"]): PeerConfig {
  const { prefix: _, maxSessions: __, ...rest } = range;
  return { ...rest, name, address, connectionMode: "passive" };
}

function longestRange({ ranges }: SpeakerState, { listener, address }: TcpAccepted): PeerConfig | null {
  let best: PeerConfig | null = null;
  const lengthOf = (prefix: IpPrefix | undefined): number => (prefix === undefined ? -1 : prefixLength(prefix));
  for (const { config: range } of ranges.values()) {
    if (range.prefix === undefined || listenerOf(range) !== listener || !prefixContains(range.prefix, address))
      continue;
    if (lengthOf(range.prefix) > lengthOf(best?.prefix)) best = range;
  }
  return best;
}

function sessionsOf({ peers }: SpeakerState, range: string): readonly PeerState[] {
  return [...peers.values()].filter((peer) => peer.range === range);
}

function makeRoom(transaction: Transaction, range: string): boolean {
  const { state } = transaction;
  const mute = sessionsOf(state, range).find(({ fsm }) => fsm.name !== "OpenConfirm" && fsm.name !== "Established");
  if (mute === undefined) return false;
  const { name } = mute.config;
  onSecond(transaction, name, () => dropTcp(transaction, name, false));
  dropTcp(transaction, name, false);
  forgetPeer(transaction, name);
  return true;
}
