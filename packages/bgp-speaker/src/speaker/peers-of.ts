import type { IpFamily, IpPrefix } from "@herald-lb/sansio";
import { IPV4_UNICAST, sameFamily } from "../family.ts";
import { BGP_PORT } from "../peer-config.ts";
import { isAhead, toldOf } from "../rib/subgroup.ts";
import type { Subgroup } from "../rib/update-group.ts";
import { NO_MESSAGES } from "./message-counts.ts";
import { peerAddress } from "./peer-address.ts";
import type { PeerSnapshot } from "./snapshot.ts";
import type { PeerState, RangeState, SpeakerState } from "./state.ts";
import { negotiatedOf } from "./transaction.ts";

/** Every configured peer, every range, and every dynamic neighbor as it stands. */
export function peersOf(state: SpeakerState): readonly PeerSnapshot[] {
  const waiting = [...state.ranges.values()].map(rangeSnapshot);
  return [...waiting, ...[...state.peers.values()].map((peer) => snapshotOf(state, peer))];
}

/** The prefixes that a peer was told of and not yet asked to forget, in the order of their text. */
export function announcedTo(state: SpeakerState, peer: string): readonly IpPrefix[] {
  const subgroup = state.adjRibsOut.subgroupOf.get(peer);
  if (subgroup === undefined) return [];
  const told = state.locRib.byId.filter((each) => each !== null && toldOf(subgroup, each.id) !== null);
  return told.flatMap((each) => each?.prefix ?? []).toSorted();
}

/** The routes meant for an established peer that cannot be announced to it, in the order of their prefixes' text. */
function notAnnouncedTo({ locRib }: SpeakerState, subgroup: Subgroup | undefined): PeerSnapshot["notAnnounced"] {
  if (subgroup === undefined || subgroup.group.refusals === 0) return [];
  const refused: PeerSnapshot["notAnnounced"][number][] = [];
  for (const [id, reason] of subgroup.group.view.entries()) {
    const prefix = locRib.byId[id]?.prefix;
    if (typeof reason === "string" && prefix !== undefined && !isAhead(subgroup, id)) refused.push({ prefix, reason });
  }
  return refused.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

function rangeSnapshot({ config, lastError }: RangeState): PeerSnapshot {
  return {
    name: config.name,
    configuredName: config.name,
    address: null,
    interface: null,
    prefix: config.prefix ?? null,
    port: config.listenPort ?? BGP_PORT,
    state: "Active",
    establishedAt: null,
    establishedCount: 0,
    session: null,
    sent: NO_MESSAGES,
    received: NO_MESSAGES,
    announcedPrefixes: 0,
    refusedPrefixes: 0,
    notAnnounced: [],
    lastError,
    bfd: null,
  };
}

function snapshotOf(state: SpeakerState, peer: PeerState): PeerSnapshot {
  const negotiated = negotiatedOf(peer);
  const subgroup = state.adjRibsOut.subgroupOf.get(peer.config.name);
  return {
    name: peer.config.name,
    configuredName: peer.range ?? peer.config.name,
    address: peerAddress(state, peer.config),
    prefix: null,
    interface: peer.config.address === undefined ? (peer.config.interface ?? null) : null,
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
    announcedPrefixes: subgroup?.told ?? 0,
    refusedPrefixes: peer.refusedPrefixes,
    notAnnounced: notAnnouncedTo(state, subgroup),
    lastError: peer.lastError,
    bfd: peer.config.bfd === undefined ? null : peer.bfd,
  };
}
