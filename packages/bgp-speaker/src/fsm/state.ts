import type { Instant, Ipv4Address } from "@herald-lb/sansio";
import type { Family } from "../family.ts";

/** The fields of every state: RFC 4271 §8 mandatory attributes that outlive a connection, and the source of jitter. */
export interface SessionMemory {
  /** Attempts and sessions that failed since the last one that lasted; the IdleHoldTime doubles with it. */
  readonly connectRetryCounter: number;
  /** State of the pseudo-random sequence that jitter is drawn from. */
  readonly random: number;
}

/** The result of the two OPEN messages. */
export interface Negotiated {
  readonly peerAs: number;
  readonly peerIdentifier: Ipv4Address;
  /** True for an internal peer, RFC 4271 §1.1. */
  readonly internal: boolean;
  /** Seconds; 0 means that neither HoldTimer nor KeepaliveTimer run. */
  readonly holdTime: number;
  /** Seconds between KEEPALIVE messages before jitter. */
  readonly keepaliveTime: number;
  readonly fourOctetAs: boolean;
  readonly families: readonly Family[];
  readonly routeRefresh: boolean;
  readonly enhancedRouteRefresh: boolean;
  /**
   * RFC 4724 §4: both offered graceful restart, so the peer keeps the routes when the connection ends without a NOTIFICATION; with `notification`
   * also when it ends with one that is no Hard Reset (RFC 8538 §4). Null where one side did not.
   */
  readonly gracefulRestart: { readonly notification: boolean } | null;
  /** RFC 8950: IPv4 prefixes may have an IPv6 next hop. */
  readonly extendedNextHop: boolean;
  /** RFC 8654 §4: the peer takes messages of up to 65535 octets. */
  readonly extendedMessage: boolean;
  /** RFC 7911 §4: the families whose NLRI have a Path Identifier in what we send, and in what we receive. */
  readonly addPath: { readonly send: readonly Family[]; readonly receive: readonly Family[] };
}

/** Timers of a session whose OPEN messages are exchanged; null while a timer does not run. */
export interface SessionTimers {
  readonly holdTimer: Instant | null;
  readonly keepaliveTimer: Instant | null;
}

/** Timers of a session before our OPEN; null while a timer does not run. */
export interface ConnectTimers {
  /** Does not run for a passive session in Active, nor while the DelayOpenTimer runs. */
  readonly connectRetryTimer: Instant | null;
  /** Runs while a connection is open and our OPEN waits for the peer's. */
  readonly delayOpenTimer: Instant | null;
}

/** A session in one of the six states of RFC 4271 §8.2.2, with the timers that may run in it. */
export type FsmState = SessionMemory &
  (
    | { readonly name: "Idle"; readonly idleHoldTimer: Instant | null }
    | ({ readonly name: "Connect" } & ConnectTimers)
    | ({ readonly name: "Active" } & ConnectTimers)
    | { readonly name: "OpenSent"; readonly holdTimer: Instant }
    | ({ readonly name: "OpenConfirm"; readonly negotiated: Negotiated } & SessionTimers)
    | ({
        readonly name: "Established";
        readonly negotiated: Negotiated;
        readonly since: Instant;
        /** RFC 9687 §3: runs while octets wait to be taken by the kernel. */
        readonly sendHoldTimer: Instant | null;
      } & SessionTimers)
  );

/** The names of the states. */
export type FsmStateName = FsmState["name"];

/** The state named `Name`. */
export type FsmStateOf<Name extends FsmStateName> = Extract<FsmState, { readonly name: Name }>;
