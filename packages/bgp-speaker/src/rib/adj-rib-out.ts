import type { IpPrefix } from "@herald-lb/sansio";
import type { CodecContext } from "../codec-context.ts";
import { type Family, sameFamily } from "../family.ts";
import type { UpdateMessage } from "../message/update.ts";
import type { LocRib } from "./loc-rib.ts";
import { mergeRoutes } from "./merged-route.ts";
import { type OutboundRoute, outboundRoute, type OutboundSession, unicastOf } from "./outbound-route.ts";
import type { NotAnnouncedReason } from "./route.ts";
import { entriesOf, insert, lookUp, remove, type SortedMap } from "./sorted-map.ts";
import { announcements, nlriLength, roomFor, withdrawals } from "./update-packing.ts";

/** The routes announced to one peer in this session, RFC 4271 §3.2, and those that should be and cannot. */
export interface AdjRibOut {
  readonly advertised: SortedMap<OutboundRoute>;
  readonly notAnnounced: SortedMap<NotAnnouncedReason>;
}

/** Nothing told. */
export const EMPTY_ADJ_RIB_OUT: AdjRibOut = { advertised: null, notAnnounced: null };

/** One peer with a session. */
export interface OutboundPeer {
  readonly name: string;
  readonly session: OutboundSession;
  readonly context: CodecContext;
}

/** The messages that bring a peer up to date, withdrawals first, and the routes that cannot be announced since this change. */
export interface AdjRibOutChange {
  readonly adjRibOut: AdjRibOut;
  readonly updates: readonly UpdateMessage[];
  readonly notAnnounced: readonly { readonly prefix: IpPrefix; readonly reason: NotAnnouncedReason }[];
}

/** Compares what `peer` was told of `prefixes` with what is wanted, and finds the fewest messages for the difference. */
export function updateAdjRibOut(
  before: AdjRibOut,
  locRib: LocRib,
  prefixes: Iterable<IpPrefix>,
  peer: OutboundPeer,
): AdjRibOutChange {
  let { advertised, notAnnounced } = before;
  const groups = new Map<
    string,
    { readonly route: OutboundRoute; readonly prefixes: IpPrefix[]; readonly room: number }
  >();
  const withdrawn: IpPrefix[] = [];
  const refused: { readonly prefix: IpPrefix; readonly reason: NotAnnouncedReason }[] = [];
  for (const prefix of prefixes) {
    const merged = mergeRoutes(lookUp(locRib.byPrefix, prefix) ?? null, peer.name);
    const wanted = merged === null ? null : outboundRoute(prefix, merged, peer.session);
    let reason = wanted === null || wanted.ok ? null : wanted.error;
    const told = lookUp(advertised, prefix);
    if (wanted?.ok === true && told?.key !== wanted.value.key) {
      const route = wanted.value;
      const group = groups.get(route.key) ?? { route, prefixes: [], room: roomFor(route, peer.context) };
      if (nlriLength(prefix) > group.room) {
        reason = "TooLong";
      } else {
        groups.set(route.key, group);
        group.prefixes.push(prefix);
        advertised = insert(advertised, prefix, route);
      }
    }
    if (told !== undefined && (wanted === null || reason !== null)) {
      withdrawn.push(prefix);
      advertised = remove(advertised, prefix);
    }
    if (reason === null) {
      notAnnounced = remove(notAnnounced, prefix);
    } else if (lookUp(notAnnounced, prefix) !== reason) {
      notAnnounced = insert(notAnnounced, prefix, reason);
      refused.push({ prefix, reason });
    }
  }
  const announced = [...groups.values()].flatMap((group) => announcements(group.route, group.prefixes, peer.context));
  return {
    adjRibOut: { advertised, notAnnounced },
    updates: [...withdrawals(withdrawn), ...announced],
    notAnnounced: refused,
  };
}

/** All that a peer was told of one family, as it was told: the answer to a ROUTE-REFRESH, RFC 2918 §4. */
export function readvertise(adjRibOut: AdjRibOut, family: Family, context: CodecContext): readonly UpdateMessage[] {
  const groups = new Map<string, { readonly route: OutboundRoute; readonly prefixes: IpPrefix[] }>();
  for (const [key, route] of entriesOf(adjRibOut.advertised)) {
    const prefix = key as IpPrefix;
    if (!sameFamily(unicastOf(prefix), family)) continue;
    const group = groups.get(route.key) ?? { route, prefixes: [] };
    groups.set(route.key, group);
    group.prefixes.push(prefix);
  }
  return [...groups.values()].flatMap((group) => announcements(group.route, group.prefixes, context));
}
