import type { DeadlineHeap, Instant, Ipv6Address } from "@herald-lb/sansio";
import type { FsmState } from "../fsm/state.ts";
import type { PeerConfig } from "../peer-config.ts";
import type { AdjRibsOut } from "../rib/adj-ribs-out.ts";
import type { RouteJournal } from "../rib/journal.ts";
import type { LocalAddresses } from "../rib/local-addresses.ts";
import type { LocRib } from "../rib/loc-rib.ts";
import type { BfdSnapshot } from "./bfd-snapshot.ts";
import type { ConnectionId, ListenerId } from "./event.ts";
import type { Listener } from "./listener.ts";
import type { MessageCounts, PeerError } from "./snapshot.ts";

/** A connection of a peer, being opened or open. */
export interface Connection {
  readonly id: ConnectionId;
  /** Null until it is open. */
  readonly local: LocalAddresses | null;
  /** The received octets that are not yet a whole message. */
  readonly pending: Uint8Array;
  /** Octets sent that the kernel has not taken. */
  readonly unsent: number;
  /** True where the peer opened it. */
  readonly isAccepted: boolean;
  /** The OPEN messages of the connection, whole, as BMP tells them; absent before they are sent and received. */
  readonly sentOpen?: Uint8Array;
  readonly receivedOpen?: Uint8Array;
}

/** One peer as the speaker holds it. Changed in place, by `updatePeer`. */
export interface PeerState {
  readonly config: PeerConfig;
  readonly fsm: FsmState;
  readonly connection: Connection | null;
  /** Another connection, which the peer opened beside the first, until its OPEN says which of them is kept; see `onSecond`. */
  readonly second: { readonly fsm: FsmState; readonly connection: Connection | null } | null;
  /** True while the second connection has its turn: `fsm` and `connection` are then its own, and `second` has those of the first. */
  readonly secondInHand: boolean;
  /** Until when no second connection is taken; null where the last one was not in vain. */
  readonly refusesUntil: Instant | null;
  /** The range of a dynamic neighbor; null for a peer of the configuration. */
  readonly range: string | null;
  readonly sent: MessageCounts;
  readonly received: MessageCounts;
  /** Prefixes in UPDATE messages of the peer. */
  readonly refusedPrefixes: number;
  readonly establishedCount: number;
  readonly lastError: PeerError | null;
  /** Of no meaning where the configuration has no `bfd`. */
  readonly bfd: BfdSnapshot;
}

/** A range of dynamic neighbors. */
export interface RangeState {
  readonly config: PeerConfig;
  /** The error that keeps the node from listening for its neighbors. */
  readonly lastError: PeerError | null;
}

/** Every peer of one node and everything wanted of them. Opaque to callers, but for `peersOf`, `announcedTo` and `journalOf`. Changed in place. */
export interface SpeakerState {
  readonly peers: Map<string, PeerState>;
  /** The ranges of dynamic neighbors by their names. */
  readonly ranges: Map<string, RangeState>;
  readonly listeners: Map<ListenerId, Listener>;
  /** When each peer's session needs to be looked at; the timer may have been put off since. */
  readonly timers: DeadlineHeap<string>;
  /** The interfaces on which routers are to be found. */
  searched: readonly string[];
  /** By interface, the router that was heard there, and what keeps the node from hearing one. */
  readonly routers: Map<string, { readonly address: Ipv6Address | null; readonly problem: string | null }>;
  readonly locRib: LocRib;
  readonly adjRibsOut: AdjRibsOut;
  readonly journal: RouteJournal;
  /** Since when a slice of work on the routes is due; null while there is nothing to do before an event. */
  workSince: Instant | null;
  nextConnection: ConnectionId;
  /** The start of the jitter of the next new peer. */
  random: number;
  /** Connections that were told to close and of which no `TcpClosed` came yet. */
  readonly closing: Set<ConnectionId>;
  /** Set by `Stop`: when `Stopped` is said at the latest, and null once it is said. */
  stopping: { readonly deadline: Instant | null } | null;
}
