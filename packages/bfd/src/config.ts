import type { IpAddress } from "@herald-lb/sansio";
import type { DigestType } from "./authentication-section.ts";

/** A key of a session. */
export interface BfdKey {
  /** 0 to 255. */
  readonly id: number;
  /** Up to 16 octets of a password or for MD5, up to 20 for SHA1; more are cut. */
  readonly secret: Uint8Array;
}

/** The authentication of a session, RFC 5880 §6.7. The first key is used for sending; all are accepted, so that keys can be changed on a running session. */
export interface BfdAuthentication {
  readonly type: "SimplePassword" | DigestType;
  readonly keys: readonly [BfdKey, ...BfdKey[]];
}

/** One session, as it is wanted. A change of anything but `remote`, `hops` and `interface` leaves a running session up. */
export interface SessionConfig {
  readonly remote: IpAddress;
  /** The UDP port to which packets go: 3784 for a single hop (RFC 5881 §4), 4784 for several (RFC 5883 §5), or one of the application's own. */
  readonly port: number;
  /** `single`: packets without Your Discriminator belong to the session by interface and source (RFC 5881 §3); `multi`: by source (RFC 5883 §3). */
  readonly hops: "single" | "multi";
  /** The index of the interface of a single-hop session; null for several hops. */
  readonly interface: number | null;
  /** The least TTL or hop limit of received packets: 255 for a single hop, RFC 5881 §5. */
  readonly minimumTtl: number;
  /** A passive side sends nothing before it has received a packet, RFC 5880 §6.1. */
  readonly role: "active" | "passive";
  /** The intervals of this side, in milliseconds. The peer's may be longer, and then hold. */
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  /** 1 to 255: the peer detects a loss after this many of the intervals that the two sides agree on. */
  readonly detectMult: number;
  /** True holds the session in AdminDown, RFC 5880 §6.8.16. */
  readonly administrativelyDown: boolean;
  readonly authentication: BfdAuthentication | null;
}

/** The configuration of all sessions of a machine. */
export interface BfdConfig {
  /** 32 octets from the system's generator, fresh at every start: discriminators, sequence numbers and jitter are drawn from it. */
  readonly seed: Uint8Array;
  /** The lateness of the host in milliseconds that is not yet a pause. */
  readonly pauseTolerance: number;
}
