import type { Instant } from "@herald-lb/sansio";
import { type CodecContext, INITIAL_CONTEXT } from "../codec-context.ts";
import type { Negotiated } from "../fsm/state.ts";
import type { SpeakerConfig } from "./config.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { PeerErrorCause } from "./snapshot.ts";
import type { PeerState, SpeakerState } from "./state.ts";

/** One step of the speaker while it is made: a state to be written to, and the effects so far. */
export interface Turn {
  readonly config: SpeakerConfig;
  readonly now: Instant;
  readonly effects: SpeakerEffect[];
  readonly peers: Map<string, PeerState>;
  readonly closing: Set<number>;
  locRib: SpeakerState["locRib"];
  nextConnection: number;
  random: number;
  stopping: SpeakerState["stopping"];
}

/** Opens a state for writing; what was passed in stays as it is. */
export function beginTurn(config: SpeakerConfig, state: SpeakerState, now: Instant): Turn {
  return { config, now, effects: [], ...state, peers: new Map(state.peers), closing: new Set(state.closing) };
}

/** The state that a turn has made. */
export function endTurn({ peers, closing, locRib, nextConnection, random, stopping }: Turn): SpeakerState {
  return { peers, closing, locRib, nextConnection, random, stopping };
}

/** The peer named `name`, which is known to exist. */
export function peerOf(turn: Turn, name: string): PeerState {
  const peer = turn.peers.get(name);
  if (peer === undefined) throw new Error(`peer ${name} is not configured`);
  return peer;
}

/** Changes some of what is known of a peer. */
export function amend(turn: Turn, name: string, change: Partial<PeerState>): void {
  turn.peers.set(name, { ...peerOf(turn, name), ...change });
}

/** Records the cause with which a session ends, or an attempt fails, and the state that it fails in. */
export function recordError(turn: Turn, name: string, cause: PeerErrorCause): void {
  amend(turn, name, { lastError: { ...cause, at: turn.now, state: peerOf(turn, name).fsm.name } });
}

/** What the OPEN messages of a peer's session agreed on; null before they were exchanged. */
export function negotiatedOf(peer: PeerState): Negotiated | null {
  return peer.fsm.name === "OpenConfirm" || peer.fsm.name === "Established" ? peer.fsm.negotiated : null;
}

/** How a peer's messages are read and written. */
export function contextOf(peer: PeerState): CodecContext {
  const negotiated = negotiatedOf(peer);
  if (negotiated === null) return INITIAL_CONTEXT;
  return {
    fourOctetAs: negotiated.fourOctetAs,
    families: negotiated.families,
    maxMessageLength: 4096,
    peer: negotiated.internal ? "internal" : "external",
  };
}
