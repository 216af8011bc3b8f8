import type { Instant, IpAddress, IpFamily, IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import type { FsmStateName } from "../fsm/state.ts";
import type { NotAnnouncedReason } from "../rib/route.ts";
import type { BfdSnapshot } from "./bfd-snapshot.ts";
import type { NotificationFacts } from "./effect.ts";

/** Messages by their type, as counted for a peer since it was configured. */
export interface MessageCounts {
  readonly open: number;
  readonly update: number;
  readonly notification: number;
  readonly keepalive: number;
  readonly routeRefresh: number;
}

/** The cause that ended a session, or made an attempt fail. */
export type PeerErrorCause =
  | { readonly code: "NotificationSent" | "NotificationReceived"; readonly notification: NotificationFacts }
  | { readonly code: "TcpConnectionFails"; readonly reason: string }
  /** The peer did not answer for as long as an attempt may take. */
  | { readonly code: "ConnectRetryTimer_Expires" }
  /** The node cannot listen for the peer's connection; `reason` is for people. */
  | { readonly code: "ListenFails"; readonly reason: string }
  /** No router is heard on the interface of an unnumbered peer; `problem` is what keeps the node from searching for one. */
  | { readonly code: "RouterNotFound"; readonly problem: string | null }
  /** The BFD session was lost, with these diagnostics of RFC 5880 §4.1 on the two sides. */
  | { readonly code: "BfdDown"; readonly diagnostic: number; readonly remoteDiagnostic: number };

/** The last failure of a session, and the state of RFC 4271 §8.2.2 in which it failed. */
export type PeerError = PeerErrorCause & { readonly at: Instant; readonly state: FsmStateName };

/** One peer as metrics and status show it. */
export interface PeerSnapshot {
  /** The name of the configuration; for a dynamic neighbor that of its range, a space and its address. */
  readonly name: string;
  /** The name in the configuration: that of the peer, or of the range of a dynamic neighbor. */
  readonly configuredName: string;
  /** Null for an unnumbered peer whose router is not heard, and for a range. */
  readonly address: IpAddress | null;
  /** The interface of an unnumbered peer; null for any other. */
  readonly interface: string | null;
  /** The prefix of a range of dynamic neighbors, which waits for them in Active; null for everything that has a session. */
  readonly prefix: IpPrefix | null;
  /** TCP port of the peer. */
  readonly port: number;
  readonly state: FsmStateName;
  /** Since when the session is Established; null when it is not. */
  readonly establishedAt: Instant | null;
  /** The number of times the session was Established. */
  readonly establishedCount: number;
  /** The result of the OPEN messages; null before OpenConfirm. */
  readonly session: {
    readonly peerAs: number;
    readonly peerIdentifier: Ipv4Address;
    /** Seconds; 0 means no timers. */
    readonly holdTime: number;
    readonly keepaliveTime: number;
    readonly families: readonly IpFamily[];
  } | null;
  readonly sent: MessageCounts;
  readonly received: MessageCounts;
  /** Prefixes the peer was told of and not yet asked to forget. */
  readonly announcedPrefixes: number;
  /** Prefixes that the peer announced since it was configured, each time that it did: none of them is used. */
  readonly refusedPrefixes: number;
  readonly notAnnounced: readonly { readonly prefix: IpPrefix; readonly reason: NotAnnouncedReason }[];
  readonly lastError: PeerError | null;
  /** The BFD session beside this one; null for a peer without `bfd`. */
  readonly bfd: BfdSnapshot | null;
}
