import type { IpPrefix } from "@herald-lb/sansio";

/** Network Layer Reachability Information of RFC 4271 §4.3, in IPv4 or IPv6 unicast: one destination. */
export interface Nlri {
  readonly prefix: IpPrefix;
  /** RFC 7911 §3: present exactly where the context has ADD-PATH for the family. */
  readonly pathId?: number;
}
