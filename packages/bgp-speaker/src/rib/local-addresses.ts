import type { IpAddress, Ipv6Address } from "@herald-lb/sansio";

/** The addresses of this node as the peer of a connection sees them: what "self" as a next hop can mean. */
export interface LocalAddresses {
  /** Local end of the connection. */
  readonly local: IpAddress;
  /** An address of the other family on the interface of the connection; left out when there is none. */
  readonly otherFamily?: IpAddress;
  /** The link-local address of the interface; only when the peer is on the same link (RFC 2545 §3). */
  readonly linkLocal?: Ipv6Address;
}
