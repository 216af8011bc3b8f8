import type { PeerConfig } from "../peer-config.ts";
import type { SpeakerConfig } from "./config.ts";
import { localAsOf } from "./own-open.ts";

/** The largest TTL: no packet from farther away can have it. */
const MAX_TTL = 255;

/** The TTL or hop limit of a connection's segments. */
export interface ConnectionTtl {
  /** Of what is sent: 1 where an external peer must be on a connected network, 255 with TTL security; null for the system's. */
  readonly ttl: number | null;
  /** The least of what is taken, RFC 5082 §3; null for any. */
  readonly minTtl: number | null;
}

/** The TTL of the connections with a peer. */
export function connectionTtl(speaker: SpeakerConfig, peer: PeerConfig): ConnectionTtl {
  if (peer.ttlSecurity !== undefined) return { ttl: MAX_TTL, minTtl: MAX_TTL + 1 - peer.ttlSecurity };
  const isInternal = peer.peerAs === "internal" || peer.peerAs === localAsOf(speaker, peer);
  return { ttl: isInternal || peer.ebgpMultiHop === true ? null : 1, minTtl: null };
}
