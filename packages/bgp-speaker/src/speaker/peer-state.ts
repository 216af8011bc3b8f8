import { createFsmState } from "../fsm/fsm.ts";
import type { PeerConfig } from "../peer-config.ts";
import { UNTOLD_BFD } from "./bfd-snapshot.ts";
import { NO_MESSAGES } from "./message-counts.ts";
import type { PeerState } from "./state.ts";

/** A peer whose session was never started; `seed` is 32 bits for jitter, `range` the name of the range that a dynamic one belongs to. */
export function createPeerState(config: PeerConfig, seed: number, range: string | null = null): PeerState {
  return {
    config,
    fsm: createFsmState(seed),
    connection: null,
    second: null,
    secondInHand: false,
    refusesUntil: null,
    range,
    sent: NO_MESSAGES,
    received: NO_MESSAGES,
    refusedPrefixes: 0,
    establishedCount: 0,
    lastError: null,
    bfd: UNTOLD_BFD,
  };
}
