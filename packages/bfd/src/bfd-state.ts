import type { DeadlineHeap, Instant, IpAddress } from "@herald-lb/sansio";
import type { BfdConfig, SessionConfig } from "./config.ts";
import type { SessionStateName } from "./control-packet.ts";
import type { BfdEffect } from "./effect.ts";
import type { SeededNumbers } from "./random.ts";
import { detectionTime, type BfdSession, transmitInterval } from "./session.ts";

/** The sessions of a BFD machine. Changed in place: one packet must not copy hundreds of sessions. */
export interface BfdState {
  /** The wanted sessions. */
  readonly sessions: Map<string, BfdSession>;
  /** The wanted sessions, and those that are ending. */
  readonly byDiscriminator: Map<number, BfdSession>;
  readonly byAddress: Map<string, BfdSession>;
  /** When to look at each session, at the latest: a timer that moved later keeps its earlier entry. */
  readonly deadlines: DeadlineHeap<BfdSession>;
  readonly numbers: SeededNumbers;
  /** The last authentication sequence number that each peer of an ended session may know: a new session goes on from there. */
  readonly lastSequences: Map<string, number>;
}

/** One step in the making. */
export interface BfdStep {
  readonly config: BfdConfig;
  readonly state: BfdState;
  readonly now: Instant;
  /** The jitter of the packets that are sent in this step, from 0 (inclusive) to 1 (exclusive): those that go together keep together. */
  readonly jitter: number;
  readonly effects: BfdEffect[];
}

/** The key under which a packet without Your Discriminator finds its session, RFC 5881 §3 and RFC 5883 §3. */
export function addressKey(hops: SessionConfig["hops"], remote: IpAddress, on: number | null): string {
  return hops === "single" ? `${remote} ${on}` : remote;
}

/** The number of ended sessions whose sequence numbers are remembered. */
const SEQUENCES_MAX = 1_024;

/** Remembers the sequence number of an ended session, and forgets the one that was remembered first where there are too many. */
export function rememberSequence({ lastSequences }: BfdState, { config, transmitSequence }: BfdSession): void {
  const address = sessionAddress(config);
  lastSequences.delete(address);
  lastSequences.set(address, transmitSequence);
  for (const oldest of lastSequences.keys()) {
    if (lastSequences.size <= SEQUENCES_MAX) return;
    lastSequences.delete(oldest);
  }
}

/** The same key, from a session's configuration. */
export function sessionAddress({ hops, remote, interface: on }: SessionConfig): string {
  return addressKey(hops, remote, on);
}

/** A session as the rest of the program sees it. */
export interface SessionView {
  readonly session: string;
  readonly state: SessionStateName;
  readonly remoteState: SessionStateName;
  readonly diagnostic: number;
  readonly remoteDiagnostic: number;
  readonly localDiscriminator: number;
  readonly remoteDiscriminator: number;
  /** The agreed interval between this side's packets, in milliseconds; null while the peer wants none. */
  readonly transmitInterval: number | null;
  /** The time without a packet after which the session is lost, in milliseconds; 0 before the first packet. */
  readonly detectionTime: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** The instant of the last change of state. */
  readonly since: Instant;
}

/** Every wanted session. */
export function sessionsOf(state: BfdState): readonly SessionView[] {
  return [...state.sessions.values()].map((session) => {
    const interval = transmitInterval(session);
    return {
      session: session.key,
      state: session.sessionState,
      remoteState: session.remoteSessionState,
      diagnostic: session.localDiagnostic,
      remoteDiagnostic: session.remoteDiagnostic,
      localDiscriminator: session.localDiscriminator,
      remoteDiscriminator: session.remoteDiscriminator,
      transmitInterval: interval === null ? null : interval / 1_000,
      detectionTime: detectionTime(session),
      packetsSent: session.packetsSent,
      packetsReceived: session.packetsReceived,
      since: session.since,
    };
  });
}
