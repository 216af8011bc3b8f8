import type { IpPrefix } from "@herald-lb/sansio";
import { type Family, includesFamily } from "../family.ts";
import type { RouteRefreshMessage } from "../message/route-refresh.ts";
import { readvertise, updateAdjRibOut } from "../rib/adj-rib-out.ts";
import { entriesOf } from "../rib/sorted-map.ts";
import { endOfRib } from "../message/update.ts";
import { localAsOf } from "./own-open.ts";
import { sendMessage } from "./send-message.ts";
import { updatePeer, codecContextOf, negotiatedOf, peerOf, type Transaction } from "./transaction.ts";

/** Tells an established peer what is new about `prefixes`. */
export function advertise(transaction: Transaction, name: string, prefixes: Iterable<IpPrefix>): void {
  const peer = peerOf(transaction, name);
  const negotiated = negotiatedOf(peer);
  const local = peer.connection?.local ?? null;
  if (peer.fsm.name !== "Established" || negotiated === null || local === null) return;
  const change = updateAdjRibOut(peer.adjRibOut, transaction.locRib, prefixes, {
    name,
    session: { localAs: localAsOf(transaction.config, peer.config), negotiated, local },
    context: codecContextOf(peer),
  });
  updatePeer(transaction, name, { adjRibOut: change.adjRibOut });
  for (const update of change.updates) sendMessage(transaction, name, update);
  for (const { prefix, reason } of change.notAnnounced) {
    transaction.effects.push({ type: "RouteNotAnnounced", peer: name, prefix, reason });
  }
}

/** Tells a peer that was just Established everything, and then that this was all: RFC 4724 §2, also without its capability. */
export function advertiseAll(transaction: Transaction, name: string): void {
  const prefixes: IpPrefix[] = [];
  for (const [prefix] of entriesOf(transaction.locRib.byPrefix)) prefixes.push(prefix as IpPrefix);
  advertise(transaction, name, prefixes);
  for (const family of negotiatedOf(peerOf(transaction, name))?.families ?? [])
    sendMessage(transaction, name, endOfRib(family));
}

/** Answers a ROUTE-REFRESH: RFC 2918 §4, between the marks of RFC 7313 §4 where they were negotiated. */
export function refresh(transaction: Transaction, name: string, request: RouteRefreshMessage): void {
  const peer = peerOf(transaction, name);
  const negotiated = negotiatedOf(peer);
  if (peer.fsm.name !== "Established" || negotiated === null || request.subtype !== 0) return;
  if (!includesFamily(negotiated.families, request.family)) return;
  if (negotiated.enhancedRouteRefresh) sendMessage(transaction, name, mark(request.family, 1));
  for (const update of readvertise(peer.adjRibOut, request.family, codecContextOf(peer)))
    sendMessage(transaction, name, update);
  if (negotiated.enhancedRouteRefresh) sendMessage(transaction, name, mark(request.family, 2));
}

function mark(family: Family, subtype: 1 | 2): RouteRefreshMessage {
  return { type: "ROUTE-REFRESH", family, subtype };
}
