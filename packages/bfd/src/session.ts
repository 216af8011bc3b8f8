import type { Instant } from "@herald-lb/sansio";
import type { SessionConfig } from "./config.ts";
import { Diagnostic, type SessionStateName } from "./control-packet.ts";

/** The variables of one session, RFC 5880 §6.8.1, and its timers. Intervals are in microseconds, as on the wire. Changed in place. */
export interface BfdSession {
  readonly key: string;
  config: SessionConfig;
  sessionState: SessionStateName;
  remoteSessionState: SessionStateName;
  readonly localDiscriminator: number;
  /** 0 while it is not known. */
  remoteDiscriminator: number;
  localDiagnostic: number;
  remoteDiagnostic: number;
  /** The intervals that the peer is told. */
  desiredMinTxInterval: number;
  requiredMinRxInterval: number;
  /** The intervals that hold until a Poll Sequence ends, RFC 5880 §6.8.3; otherwise the same as the two above. */
  activeMinTxInterval: number;
  activeMinRxInterval: number;
  remoteMinTxInterval: number;
  remoteMinRxInterval: number;
  remoteDetectMult: number;
  remoteDemandMode: boolean;
  /** True while packets carry the P bit and no F bit has come. */
  isPolling: boolean;
  /** True where an interval changed in the midst of a Poll Sequence: the F bit that comes speaks of the older one. */
  mustPollAgain: boolean;
  transmitSequence: number;
  receiveSequence: number;
  isSequenceKnown: boolean;
  /** When the last packet was accepted; null before the first. */
  receivedAt: Instant | null;
  /** When the last packet was sent; null before the first. */
  sentAt: Instant | null;
  /** The part of the interval after which the next packet goes, RFC 5880 §6.8.7. */
  jitter: number;
  /** When the next periodic packet is due; null while none is sent. */
  transmitTimer: Instant | null;
  /** When the peer is forgotten, and the session lost if it is up; null while no peer is known. */
  detectionTimer: Instant | null;
  /** When a session that is not wanted any more ends; null for one that is wanted. */
  endsAt: Instant | null;
  packetsSent: number;
  packetsReceived: number;
  since: Instant;
}

/** The least interval between packets while a session is not up, in microseconds: RFC 5880 §6.8.3. */
const SLOW_INTERVAL = 1_000_000;

/** A session in Down that has neither sent nor received. */
export function createSession(
  key: string,
  config: SessionConfig,
  localDiscriminator: number,
  transmitSequence: number,
  now: Instant,
): BfdSession {
  const requiredMinRxInterval = config.requiredMinRxInterval * 1_000;
  const desiredMinTxInterval = Math.max(SLOW_INTERVAL, config.desiredMinTxInterval * 1_000);
  return {
    key,
    config,
    sessionState: config.administrativelyDown ? "AdminDown" : "Down",
    remoteSessionState: "Down",
    localDiscriminator,
    remoteDiscriminator: 0,
    localDiagnostic: config.administrativelyDown ? Diagnostic.AdministrativelyDown : Diagnostic.None,
    remoteDiagnostic: 0,
    desiredMinTxInterval,
    requiredMinRxInterval,
    activeMinTxInterval: desiredMinTxInterval,
    activeMinRxInterval: requiredMinRxInterval,
    remoteMinTxInterval: 0,
    remoteMinRxInterval: 1,
    remoteDetectMult: 0,
    remoteDemandMode: false,
    isPolling: false,
    mustPollAgain: false,
    transmitSequence,
    receiveSequence: 0,
    isSequenceKnown: false,
    receivedAt: null,
    sentAt: null,
    jitter: 1,
    transmitTimer: config.role === "active" ? now : null,
    detectionTimer: null,
    endsAt: null,
    packetsSent: 0,
    packetsReceived: 0,
    since: now,
  };
}

/** The interval between packets that the configuration wants in the present state, in microseconds. */
export function wantedTxInterval({ config, sessionState }: BfdSession): number {
  const wanted = config.desiredMinTxInterval * 1_000;
  return sessionState === "Up" ? wanted : Math.max(SLOW_INTERVAL, wanted);
}

/** The interval between this side's packets before jitter, in microseconds, RFC 5880 §6.8.7; null while the peer wants none. */
export function transmitInterval(session: BfdSession): number | null {
  if (session.remoteMinRxInterval === 0) return null;
  return Math.max(session.activeMinTxInterval, session.remoteMinRxInterval);
}

/** The time without a packet after which the session is lost, in milliseconds, RFC 5880 §6.8.4; 0 before the first packet. */
export function detectionTime(session: BfdSession): number {
  return (session.remoteDetectMult * Math.max(session.activeMinRxInterval, session.remoteMinTxInterval)) / 1_000;
}
