import type { Ipv4Address } from "@herald-lb/sansio";

/** The configuration of a speaker. */
export interface SpeakerConfig {
  /** The AS of this node, for peers that do not name one. */
  readonly localAs: number;
  /** Not 0.0.0.0 and unique in the AS, RFC 6286 §2.1; for peers that do not name one. */
  readonly bgpIdentifier: Ipv4Address;
}
