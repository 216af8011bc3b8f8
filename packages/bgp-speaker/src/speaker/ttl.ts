import type { PeerConfig } from "../peer-config.ts";
import type { SpeakerConfig } from "./config.ts";
import { localAsOf } from "./own-open.ts";

/** The TTL of what is sent to a peer: 1 where an external peer must be on a connected network, null where any distance will do. */
export function ttlOf(speaker: SpeakerConfig, peer: PeerConfig): 1 | null {
  const isInternal = peer.peerAs === "internal" || peer.peerAs === localAsOf(speaker, peer);
  return isInternal || peer.ebgpMultiHop === true ? null : 1;
}
