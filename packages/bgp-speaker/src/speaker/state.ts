import type { Instant } from "@herald-lb/sansio";
import type { FsmState } from "../fsm/state.ts";
import type { PeerConfig } from "../peer-config.ts";
import type { AdjRibOut } from "../rib/adj-rib-out.ts";
import type { LocalAddresses } from "../rib/local-addresses.ts";
import type { LocRib } from "../rib/loc-rib.ts";
import type { ConnectionId } from "./event.ts";
import type { MessageCounts, PeerError } from "./snapshot.ts";

/** The one connection of a peer, being opened or open. */
export interface Connection {
  readonly id: ConnectionId;
  /** Null until it is open. */
  readonly local: LocalAddresses | null;
  /** The received octets that are not yet a whole message. */
  readonly pending: Uint8Array;
  /** Octets sent that the kernel has not taken. */
  readonly unsent: number;
}

/** One peer as the speaker holds it. */
export interface PeerState {
  readonly config: PeerConfig;
  readonly fsm: FsmState;
  readonly connection: Connection | null;
  readonly adjRibOut: AdjRibOut;
  readonly sent: MessageCounts;
  readonly received: MessageCounts;
  readonly establishedCount: number;
  readonly lastError: PeerError | null;
}

/** Every peer of one node and everything wanted of them. Opaque to callers, but for `peersOf`. */
export interface SpeakerState {
  readonly peers: ReadonlyMap<string, PeerState>;
  readonly locRib: LocRib;
  readonly nextConnection: ConnectionId;
  /** The start of the jitter of the next new peer. */
  readonly random: number;
  /** Connections that were told to close and of which no `TcpClosed` came yet. */
  readonly closing: ReadonlySet<ConnectionId>;
  /** Set by `Stop`: when `Stopped` is said at the latest, and null once it is said. */
  readonly stopping: { readonly deadline: Instant | null } | null;
}
