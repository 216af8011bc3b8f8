import type { Instant } from "@herald-lb/sansio";
import { type CodecContext, INITIAL_CONTEXT } from "../codec-context.ts";
import type { Negotiated } from "../fsm/state.ts";
import type { SpeakerConfig } from "./config.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { PeerErrorCause } from "./snapshot.ts";
import type { PeerState, SpeakerState } from "./state.ts";

/** One step: the state that its parts change in place, the peers that it concerned, and the effects so far. */
export interface Transaction {
  readonly config: SpeakerConfig;
  readonly now: Instant;
  readonly state: SpeakerState;
  readonly effects: SpeakerEffect[];
  /** Names of peers whose timers may differ, or for which octets may wait. */
  readonly touched: Set<string>;
}

/** Begins one step. */
export function beginTransaction(config: SpeakerConfig, state: SpeakerState, now: Instant): Transaction {
  return { config, now, state, effects: [], touched: new Set() };
}

/** The peer named `name`, which is known to exist. */
export function peerOf(transaction: Transaction, name: string): PeerState {
  const peer = transaction.state.peers.get(name);
  if (peer === undefined) throw new Error(`peer ${name} is not configured`);
  return peer;
}

/** Changes some of what is known of a peer. */
export function updatePeer(transaction: Transaction, name: string, change: Partial<PeerState>): void {
  Object.assign(peerOf(transaction, name), change);
  transaction.touched.add(name);
}

/** Forgets a peer whose session is over, and its timer with it. */
export function forgetPeer({ state, touched }: Transaction, name: string): void {
  state.peers.delete(name);
  touched.add(name);
}

/** Records the cause with which a session ends, or an attempt fails, and the state that it fails in. */
export function recordError(transaction: Transaction, name: string, cause: PeerErrorCause): void {
  updatePeer(transaction, name, {
    lastError: { ...cause, at: transaction.now, state: peerOf(transaction, name).fsm.name },
  });
}

/** The result of the OPEN messages of a peer's session; null before they were exchanged. */
export function negotiatedOf(peer: PeerState): Negotiated | null {
  return peer.fsm.name === "OpenConfirm" || peer.fsm.name === "Established" ? peer.fsm.negotiated : null;
}

/** The length of received messages: our OPEN has the capability of RFC 8654 §3, whether the peer's has it or not. */
export const RECEIVED_LENGTH = 65_535;

/** The context in which a peer's messages are read. */
export function receiveContextOf(peer: PeerState): CodecContext {
  const negotiated = negotiatedOf(peer);
  if (negotiated === null) return { ...INITIAL_CONTEXT, maxMessageLength: RECEIVED_LENGTH };
  return { ...contextOf(negotiated), maxMessageLength: RECEIVED_LENGTH, addPath: negotiated.addPath.receive };
}

/** The context in which messages for a peer are written. */
export function sendContextOf(peer: PeerState): CodecContext {
  const negotiated = negotiatedOf(peer);
  if (negotiated === null) return INITIAL_CONTEXT;
  return { ...contextOf(negotiated), maxMessageLength: lengthTo(peer), addPath: negotiated.addPath.send };
}

/** The greatest length of a message for a peer: RFC 4271 §4.1, RFC 8654 §4. */
export function lengthTo(peer: PeerState): CodecContext["maxMessageLength"] {
  return negotiatedOf(peer)?.extendedMessage === true ? 65_535 : 4096;
}

function contextOf({ fourOctetAs, families, internal }: Negotiated): Omit<CodecContext, "maxMessageLength"> {
  return { fourOctetAs, families, peer: internal ? "internal" : "external" };
}
