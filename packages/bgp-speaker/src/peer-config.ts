import type { IpAddress, IpFamily, IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import type { BfdOptions } from "./bfd-options.ts";
import type { RoleConfig } from "./role.ts";

/** The port that BGP listens on. RFC 4271 §8.2.1. */
export const BGP_PORT = 179;

/** One BGP neighbour and how to speak to it. Times are in seconds, as in the OPEN message and in MetalLB's BGPPeer. */
export interface PeerConfig {
  /** Unique among the peers of a speaker, without spaces; routes name their peers by it. */
  readonly name: string;
  /** Left out for an unnumbered peer: the router that is heard on `interface`, whose address is its link-local one. */
  readonly address?: IpAddress;
  /**
   * Set for a range of dynamic neighbors in place of one peer: each that connects from an address of it gets a session of its own, named by the
   * range's name, a space and the address.
   */
  readonly prefix?: IpPrefix;
  /** The number of sessions of a range at most; 16 when left out. */
  readonly maxSessions?: number;
  /** TCP port to listen on for the peer's connection; 179 when left out. */
  readonly listenPort?: number;
  /** TCP port of the peer; 179 when left out. */
  readonly port?: number;
  /** Our AS towards this peer, 1 to 2^32-1; the speaker's own when left out. */
  readonly localAs?: number;
  /** The AS the peer must present; or any AS that makes the session internal, or external. */
  readonly peerAs: number | "internal" | "external";
  /** Hold Time to propose, 0 (no timers) or 3 to 65535; 90 when left out. */
  readonly holdTime?: number;
  /** Interval between KEEPALIVE messages, at most a third of the negotiated Hold Time, which is the default. */
  readonly keepaliveTime?: number;
  /**
   * The side that opens the connection: ours, the peer's, or either, of which RFC 4271 §6.8 then keeps one. Ours when left out. An unnumbered peer
   * may open it from any link-local address of its interface.
   */
  readonly connectionMode?: "active" | "passive" | "both";
  /** DelayOpenTime, RFC 4271 §8.1.1: seconds that our OPEN waits for the peer's on a new connection, 0 to 240; 0 when left out. */
  readonly delayOpenTime?: number;
  /** Longest pause between attempts to connect, 1 to 65535; 10 when left out. */
  readonly connectTime?: number;
  /** Address to connect from. */
  readonly sourceAddress?: IpAddress;
  /** Interface to connect through, for link-local addresses, and to find an unnumbered peer on; handed to the host. */
  readonly interface?: string;
  /** Device of the VRF that the connection is bound to; handed to the host. */
  readonly vrf?: string;
  /** TCP MD5 key, RFC 2385; handed to the host, never looked at. */
  readonly password?: string;
  /** True where an external peer may be more than one hop away; passed to the host. False where absent. */
  readonly ebgpMultiHop?: boolean;
  /**
   * The number of hops to the peer, 1 to 254, of GTSM (RFC 5082): what is sent has the TTL 255, and what has passed more routers is dropped. Not used
   * where absent. Excludes `ebgpMultiHop`.
   */
  readonly ttlSecurity?: number;
  /** BFD beside the session, RFC 5882; handed to the host, which tells of it by `BfdStateChanged`. */
  readonly bfd?: BfdOptions;
  /** Families to offer as unicast, RFC 4760; when left out the family of `address`, and both for an unnumbered peer. */
  readonly families?: readonly IpFamily[];
  /** BGP Identifier for this session; the speaker's own when left out. */
  readonly bgpIdentifier?: Ipv4Address;
  /** Offers Graceful Restart, RFC 4724 and RFC 8538, as the side that restarts. Not offered when left out. */
  readonly gracefulRestart?: {
    /** The Restart Time, 0 to 4095 seconds. */
    readonly restartTime: number;
    /** Offers Long-Lived Graceful Restart, RFC 9494, with this stale time, 1 to 16777215 seconds. Not offered when left out. */
    readonly staleTime?: number;
  };
  /** Our role towards an external peer, RFC 9234; no role is told when left out, and never to an internal peer. */
  readonly role?: RoleConfig;
  /**
   * Offers ADD-PATH, RFC 7911, for all families of the session: to send routes with a Path Identifier, to take such, or both. Not offered
   * when left out.
   */
  readonly addPath?: "Send" | "Receive" | "SendReceive";
}

/**
 * True where a session made for one configuration cannot serve another: a field of the OPEN message or of the TCP
 * connection differs. The rest, such as `connectTime`, `connectionMode` and `bfd`, changes under a running session.
 */
export function needsNewSession(a: PeerConfig, b: PeerConfig): boolean {
  return identity(a) !== identity(b);
}

function identity(peer: PeerConfig): string {
  const { connectTime: _, connectionMode: __, delayOpenTime: ___, listenPort: ____, bfd: _____, ...rest } = peer;
  const sorted = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted);
}
