import type { IpAddress, IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import type { CodecContext } from "../codec-context.ts";
import type { Family } from "../family.ts";
import { encodeMessage } from "../message/index.ts";
import { prefixOctets } from "../nlri.ts";
import { BGP_PORT } from "../peer-config.ts";
import { toldOf } from "../rib/subgroup.ts";
import { type AdvertisedRoute, announcement } from "../rib/update-packing.ts";
import { peerAddress } from "./peer-address.ts";
import type { SpeakerState } from "./state.ts";
import { negotiatedOf, sendContextOf } from "./transaction.ts";

/** The facts of an Established session that a monitoring station is told, RFC 7854 §4.2 and §4.10. */
export interface MonitoredSession {
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress: IpAddress;
  readonly peerAs: number;
  readonly peerIdentifier: Ipv4Address;
  readonly fourOctetAs: boolean;
  readonly families: readonly Family[];
  /** Whole messages. */
  readonly sentOpen: Uint8Array;
  readonly receivedOpen: Uint8Array;
}

/** The session with a peer; null unless it is Established. */
export function monitoredSession(state: SpeakerState, name: string): MonitoredSession | null {
  const peer = state.peers.get(name);
  if (peer === undefined || peer.fsm.name !== "Established") return null;
  const { config, connection } = peer;
  const negotiated = negotiatedOf(peer);
  const { local, sentOpen, receivedOpen } = connection ?? { local: null };
  const address = peerAddress(state, config);
  if (address === null || negotiated === null || local === null || sentOpen === undefined || receivedOpen === undefined)
    return null;
  const { peerAs, peerIdentifier, fourOctetAs, families } = negotiated;
  return {
    address,
    port: config.port ?? BGP_PORT,
    localAddress: local.local,
    peerAs,
    peerIdentifier,
    fourOctetAs,
    families,
    sentOpen,
    receivedOpen,
  };
}

/** A part of what a peer holds, as UPDATE messages such as it was sent. */
export interface TableSlice {
  readonly messages: readonly Uint8Array[];
  /** The place at which the next part begins; null after the last one. */
  readonly next: number | null;
}

/** The number of destinations that a slice looks at. */
const SLICE = 2_048;

/**
 * The routes that a peer was told and not asked to forget, a slice at a time: `from` is 0, then the `next` of the slice before. Of destinations that changed
 * meanwhile a slice has what was told last.
 */
export function tableSlice(state: SpeakerState, name: string, from: number): TableSlice {
  const { adjRibsOut, locRib } = state;
  const subgroup = adjRibsOut.subgroupOf.get(name);
  const peer = state.peers.get(name);
  if (subgroup === undefined || peer === undefined) return { messages: [], next: null };
  const end = Math.min(from + SLICE, locRib.byId.length);
  const buckets = new Map<string, { readonly route: AdvertisedRoute; readonly prefixes: IpPrefix[] }>();
  for (let id = from; id < end; id++) {
    const route = toldOf(subgroup, id);
    const prefix = locRib.byId[id]?.prefix;
    if (route === null || prefix === undefined) continue;
    const bucket = buckets.get(route.key);
    if (bucket === undefined) buckets.set(route.key, { route, prefixes: [prefix] });
    else bucket.prefixes.push(prefix);
  }
  const context = sendContextOf(peer);
  const messages = [...buckets.values()].flatMap(({ route, prefixes }) => announcements(route, prefixes, context));
  return { messages, next: end < locRib.byId.length ? end : null };
}

function announcements(route: AdvertisedRoute, prefixes: readonly IpPrefix[], context: CodecContext): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let from = 0;
  let used = 0;
  for (const [at, prefix] of prefixes.entries()) {
    const octets = prefixOctets(prefix, context);
    if (used + octets > route.room) {
      messages.push(encodeMessage(announcement(route, prefixes.slice(from, at)), context));
      from = at;
      used = 0;
    }
    used += octets;
  }
  messages.push(encodeMessage(announcement(route, prefixes.slice(from)), context));
  return messages;
}
