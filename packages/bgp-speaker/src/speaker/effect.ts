import type { IpAddress, IpPrefix } from "@herald-lb/sansio";
import type { FsmEventType } from "../fsm/event.ts";
import type { FsmStateName } from "../fsm/state.ts";
import type { NotAnnouncedReason } from "../rib/route.ts";
import type { ConnectionId, ListenerId } from "./event.ts";

/** An instruction for the host of a speaker (imperative), or a report to log or count (past). */
export type SpeakerEffect =
  /** Opens a connection and answers with `TcpConnected` or `TcpClosed`. The speaker gives up by itself with `CloseTcp`. */
  | {
      readonly type: "ConnectTcp";
      readonly peer: string;
      readonly connection: ConnectionId;
      readonly address: IpAddress;
      readonly port: number;
      readonly sourceAddress: IpAddress | null;
      readonly interface: string | null;
      /** Device of a VRF to bind to. */
      readonly vrf: string | null;
      /** TCP MD5 key. */
      readonly password: string | null;
      /** The TTL or hop limit of what is sent: 1 for an external peer on a connected network, 255 with GTSM; null for the system's. */
      readonly ttl: number | null;
      /** The least TTL or hop limit of what is taken, RFC 5082 §3; null for any. */
      readonly minTtl: number | null;
    }
  /**
   * Listens, with these keys and no others from now on: the key of an accepted connection is chosen by the peer's address. Answered by `Listening`
   * or `ListenFailed`; a listener that failed is asked for again. Asking for one that is there changes what differs.
   */
  | {
      readonly type: "ListenTcp";
      readonly listener: ListenerId;
      /** An address of the node, or `0.0.0.0` or `::` for all of one family. */
      readonly address: IpAddress;
      readonly port: number;
      /** Device of a VRF to bind to. */
      readonly vrf: string | null;
      readonly keys: readonly ListenerKey[];
    }
  | { readonly type: "StopListening"; readonly listener: ListenerId }
  /** The connection of a `TcpAccepted` is a peer's: the host reports its octets, and its end, from now on. */
  | {
      readonly type: "AcceptTcp";
      readonly peer: string;
      readonly connection: ConnectionId;
      /** As in `ConnectTcp`. */
      readonly ttl: number | null;
      readonly minTtl: number | null;
    }
  /** Closes the connection of a `TcpAccepted` at once; nothing more is to be reported of it. */
  | {
      readonly type: "RejectTcp";
      readonly connection: ConnectionId;
      readonly address: IpAddress;
      readonly port: number;
      readonly reason: RejectionReason;
    }
  /**
   * Closes a connection, or gives up opening it. When `graceful`, what was sent is written, the connection half-closed and what
   * arrives thrown away until the peer closes too, so that a NOTIFICATION is not lost in a reset; a few seconds are enough.
   * Answered by `TcpClosed`, which the host sends for every `ConnectTcp` and `AcceptTcp`.
   */
  | { readonly type: "CloseTcp"; readonly peer: string; readonly connection: ConnectionId; readonly graceful: boolean }
  /** One message or several. */
  | {
      readonly type: "SendOctets";
      readonly peer: string;
      readonly connection: ConnectionId;
      readonly octets: Uint8Array;
    }
  /** The whole set of interfaces on which to find routers, for unnumbered peers; answered by `RouterChanged`. See `createRouterDiscovery`. */
  | { readonly type: "FindRouters"; readonly interfaces: readonly string[] }
  | {
      readonly type: "PeerStateChanged";
      readonly peer: string;
      readonly from: FsmStateName;
      readonly to: FsmStateName;
      readonly on: FsmEventType;
    }
  | {
      readonly type: "NotificationSent" | "NotificationReceived";
      readonly peer: string;
      readonly notification: NotificationFacts;
      /** The whole message. */
      readonly octets: Uint8Array;
    }
  /** A route meant for an established peer is not told to it; said once until it changes. */
  | {
      readonly type: "RouteNotAnnounced";
      readonly peer: string;
      readonly prefix: IpPrefix;
      readonly reason: NotAnnouncedReason;
    }
  /** Every connection is closed after `Stop`, or has had 1.5 seconds for it. */
  | { readonly type: "Stopped" };

/** Why a peer's connection is refused. */
export type RejectionReason =
  /** No peer and no range has the address. */
  | "UnknownPeer"
  /** The peer with the address does not connect to this node, or not to this address of it. */
  | "NotExpected"
  /** The peer's session pauses after a failure. */
  | "Idle"
  | "TooManySessions"
  | "Stopping";

/** The TCP MD5 key of the peers of a listener that have an address. */
export interface ListenerKey {
  readonly address: IpAddress;
  /** The key is for the whole prefix of this length; null for the address alone. */
  readonly prefixLength: number | null;
  readonly password: string;
}

/** A NOTIFICATION for people and labels. */
export interface NotificationFacts {
  readonly code: number;
  readonly subcode: number;
  /** The words of the RFC, for example "Cease/Administrative Shutdown". */
  readonly name: string;
  /** The text of RFC 9003, when there is one. */
  readonly communication: string | null;
}
