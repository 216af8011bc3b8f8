import type { Instant, IpAddress, IpFamily, IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import type { FsmStateName } from "../fsm/state.ts";
import type { NotAnnouncedReason } from "../rib/route.ts";
import type { NotificationFacts } from "./effect.ts";

/** Messages by their type, as counted for a peer since it was configured. */
export interface MessageCounts {
  readonly open: number;
  readonly update: number;
  readonly notification: number;
  readonly keepalive: number;
  readonly routeRefresh: number;
}

/** Why a session last ended, or an attempt last failed. */
export type PeerError =
  | {
      readonly code: "NotificationSent" | "NotificationReceived";
      readonly at: Instant;
      readonly notification: NotificationFacts;
    }
  | { readonly code: "TcpConnectionFails"; readonly at: Instant; readonly reason: string };

/** One peer as metrics and status show it. */
export interface PeerSnapshot {
  readonly name: string;
  readonly address: IpAddress;
  /** TCP port of the peer. */
  readonly port: number;
  readonly state: FsmStateName;
  /** Since when the session is Established; null when it is not. */
  readonly establishedAt: Instant | null;
  /** How often the session was Established. */
  readonly establishedCount: number;
  /** What the OPEN messages agreed on; null before OpenConfirm. */
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
  readonly notAnnounced: readonly { readonly prefix: IpPrefix; readonly reason: NotAnnouncedReason }[];
  readonly lastError: PeerError | null;
}
