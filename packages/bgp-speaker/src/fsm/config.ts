import type { OpenMessage } from "../message/open.ts";
import type { RoleConfig } from "../role.ts";

/** The configuration of one session. Durations are in milliseconds, except in fields of messages. */
export interface FsmConfig {
  /** The OPEN that is sent on every connection. */
  readonly open: OpenMessage;
  readonly localAs: number;
  /** The AS the peer must present, or the kind of peer it must be. */
  readonly peerAs: number | "internal" | "external";
  /** Seconds between KEEPALIVE messages; null for a third of the negotiated Hold Time. */
  readonly keepaliveTime: number | null;
  readonly connectRetryTime: number;
  /** PassiveTcpEstablishment, RFC 4271 §8.1.1: the session opens no connection and waits for the peer's. */
  readonly passive: boolean;
  /** DelayOpenTime, RFC 4271 §8.1.1: how long our OPEN waits for the peer's; 0 without DelayOpen. */
  readonly delayOpenTime: number;
  /** Our role towards an external peer; null for none. */
  readonly role: RoleConfig | null;
}
