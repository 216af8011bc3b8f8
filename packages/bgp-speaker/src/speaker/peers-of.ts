import type { IpFamily, IpPrefix } from "@herald-lb/sansio";
import { IPV4_UNICAST, sameFamily } from "../family.ts";
import { BGP_PORT } from "../peer-config.ts";
import { entriesOf, sizeOf } from "../rib/sorted-map.ts";
import type { PeerSnapshot } from "./snapshot.ts";
import type { PeerState, SpeakerState } from "./state.ts";
import { negotiatedOf } from "./transaction.ts";

/** Every configured peer as it stands. */
export function peersOf(state: SpeakerState): readonly PeerSnapshot[] {
  return [...state.peers.values()].map(snapshotOf);
}

/** The prefixes that a peer was told of and not yet asked to forget, in the order of their text. */
export function announcedTo(state: SpeakerState, peer: string): readonly IpPrefix[] {
  const prefixes: IpPrefix[] = [];
  for (const [prefix] of entriesOf(state.peers.get(peer)?.adjRibOut.advertised ?? null))
    prefixes.push(prefix as IpPrefix);
  return prefixes;
}

function snapshotOf(peer: PeerState): PeerSnapshot {
  const negotiated = negotiatedOf(peer);
  return {
    name: peer.config.name,
    address: peer.config.address,
    port: peer.config.port ?? BGP_PORT,
    state: peer.fsm.name,
    establishedAt: peer.fsm.name === "Established" ? peer.fsm.since : null,
    establishedCount: peer.establishedCount,
    session:
      negotiated === null
        ? null
        : {
            peerAs: negotiated.peerAs,
            peerIdentifier: negotiated.peerIdentifier,
            holdTime: negotiated.holdTime,
            keepaliveTime: negotiated.keepaliveTime,
            families: negotiated.families.map(
              (family): IpFamily => (sameFamily(family, IPV4_UNICAST) ? "IPv4" : "IPv6"),
            ),
          },
    sent: peer.sent,
    received: peer.received,
    announcedPrefixes: sizeOf(peer.adjRibOut.advertised),
    notAnnounced: [...entriesOf(peer.adjRibOut.notAnnounced)].map(([prefix, reason]) => ({
      prefix: prefix as IpPrefix,
      reason,
    })),
    lastError: peer.lastError,
  };
}
