import type { IpAddress, IpPrefix } from "@herald-lb/sansio";
import type { LargeCommunity } from "../attribute/large-communities.ts";

/** A route to announce, and the peers that it is for. An absent field is not sent, except where a default is named. */
export interface DesiredRoute {
  readonly prefix: IpPrefix;
  /** "self" is the address by which the peer reaches this node; an address must be of the prefix's family. */
  readonly nextHop: "self" | IpAddress;
  /** Names of peers, or every peer. A name that no peer bears is waited for. */
  readonly peers: "all" | readonly string[];
  /** LOCAL_PREF, 0 to 2^32-1; sent to internal peers only; 100 when left out (RFC 4271 §5.1.5 demands one). */
  readonly localPref?: number;
  /** MULTI_EXIT_DISC, 0 to 2^32-1. */
  readonly med?: number;
  /** Communities as 32-bit numbers, RFC 1997. */
  readonly communities?: readonly number[];
  readonly largeCommunities?: readonly LargeCommunity[];
  /** Extended communities as 64-bit numbers, RFC 4360 §2. */
  readonly extendedCommunities?: readonly bigint[];
  /**
   * The bandwidth in octets a second by which the peer divides traffic among several routes to the prefix, as a Link Bandwidth extended community
   * (draft-ietf-idr-link-bandwidth): non-transitive to internal peers, transitive to external ones.
   */
  readonly linkBandwidth?: number;
  /** The number of times that the own AS is prepended beyond the one that an external session demands; 0 where absent. */
  readonly prepend?: number;
}

/** The reason why a route is not announced to a peer that it is for. */
export type NotAnnouncedReason =
  /** The session did not negotiate the route's family. */
  | "FamilyNotNegotiated"
  /** No address of the family is known that the peer could send to. */
  | "NoNextHop"
  /** IPv4 over IPv6 transport needs the capability of RFC 8950, or an IPv4 next hop. */
  | "NoExtendedNextHop"
  /** The next hop that was asked for is of the other family. */
  | "NextHopFamily"
  /** The attributes leave no room for a prefix in a message: 4096 octets, or 65535 where RFC 8654 was negotiated. */
  | "TooLong";
