import type { BfdOptions, PeerConfig, PeerSnapshot } from "@herald-lb/bgp-speaker";
import { familyOf, type IpAddress, isLinkLocal } from "@herald-lb/sansio";

/** A BFD session beside the BGP sessions with one router. */
export interface BgpBfdSession extends BfdOptions {
  /** Names the session; another path has another key. */
  readonly key: string;
  readonly remote: IpAddress;
  readonly hops: "single" | "multi";
  /** The address to send from; null for the kernel's choice. */
  readonly sourceAddress: IpAddress | null;
  /** The interface of a link-local router. */
  readonly interface: string | null;
  /** The device of a VRF to bind to. */
  readonly vrf: string | null;
}

/** A peer of which the address is known, be it configured, heard or that of a dynamic neighbor. */
export type LocatedPeer = PeerConfig & Required<Pick<PeerConfig, "address">>;

/** The peers of which the address is known, by their configurations: a dynamic neighbor while it has a session, an unnumbered one while it is heard. */
export function locatedPeers(
  configs: ReadonlyMap<string, PeerConfig>,
  snapshots: readonly PeerSnapshot[],
): readonly LocatedPeer[] {
  return snapshots.flatMap(({ name, configuredName, address, state }) => {
    const config = configs.get(configuredName);
    if (config === undefined || address === null || (name !== configuredName && state === "Idle")) return [];
    return [{ ...config, name, address }];
  });
}

/** A BFD session, and the names of the BGP sessions that rely on it. */
export interface SharedBfdSession {
  readonly session: BgpBfdSession;
  readonly peers: readonly string[];
}

/**
 * The BFD sessions that the peers of a node need: one a path (RFC 5882 §2), so that BGPPeers with the same router on several ports share one, with the options of the first
 * name. It is over several hops with `ebgpMultiHop`, with `ttlSecurity` above 1, and with an internal peer that is on none of the node's networks, as in FRR.
 */
export function bfdSessionsOf(
  peers: readonly LocatedPeer[],
  isOnLink: (address: IpAddress) => boolean,
): readonly SharedBfdSession[] {
  const shared = new Map<string, { readonly session: BgpBfdSession; readonly peers: string[] }>();
  for (const peer of peers.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { bfd, address, sourceAddress = null, vrf = null } = peer;
    if (bfd === undefined) continue;
    const hops = isMultihop(peer, isOnLink) ? "multi" : "single";
    const on = familyOf(address) === "IPv6" && isLinkLocal(address) ? (peer.interface ?? null) : null;
    const key = [hops, address, sourceAddress ?? "any", on ?? "", vrf ?? ""].join(" ").trimEnd();
    const known = shared.get(key);
    if (known !== undefined) known.peers.push(peer.name);
    else
      shared.set(key, {
        session: { ...bfd, key, remote: address, hops, sourceAddress, interface: on, vrf },
        peers: [peer.name],
      });
  }
  return [...shared.values()];
}

function isMultihop(peer: LocatedPeer, isOnLink: (address: IpAddress) => boolean): boolean {
  const { address, peerAs, localAs, ebgpMultiHop, ttlSecurity } = peer;
  if (ebgpMultiHop === true || (ttlSecurity ?? 1) > 1) return true;
  const isInternal = peerAs === "internal" || peerAs === localAs;
  return isInternal && ttlSecurity === undefined && !isLinkLocal(address) && !isOnLink(address);
}
