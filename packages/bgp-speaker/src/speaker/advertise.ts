import { includesFamily, sameFamily } from "../family.ts";
import type { RouteRefreshMessage } from "../message/route-refresh.ts";
import { joinUpdateGroup, setApart } from "../rib/adj-ribs-out.ts";
import { sendsOnlyToCustomer } from "../role.ts";
import { localAsOf } from "./own-open.ts";
import { lengthTo, negotiatedOf, peerOf, type Transaction } from "./transaction.ts";

/** Has everything told to a peer that was just Established, and then that this was all: RFC 4724 §2, also without its capability. */
export function advertiseAll(transaction: Transaction, name: string): void {
  const peer = peerOf(transaction, name);
  const negotiated = negotiatedOf(peer);
  const local = peer.connection?.local ?? null;
  if (negotiated === null || local === null) return;
  const { internal, fourOctetAs, families, extendedNextHop, addPath } = negotiated;
  const { role } = peer.config;
  const localAs = localAsOf(transaction.config, peer.config);
  const { adjRibsOut, locRib } = transaction.state;
  joinUpdateGroup(adjRibsOut, locRib, name, {
    localAs,
    internal,
    fourOctetAs,
    families,
    extendedNextHop,
    maxMessageLength: lengthTo(peer),
    addPath: addPath.send,
    onlyToCustomer: !internal && role !== undefined && sendsOnlyToCustomer(role.local),
    local,
  });
}

/** Has a family told again for a ROUTE-REFRESH, RFC 2918 §4. One that comes before an earlier one was begun asks for nothing more. */
export function refresh(transaction: Transaction, name: string, { subtype, family }: RouteRefreshMessage): void {
  const { adjRibsOut, locRib } = transaction.state;
  const asked = adjRibsOut.subgroupOf.get(name);
  if (asked === undefined || subtype !== 0 || !includesFamily(asked.group.session.families, family)) return;
  if (asked.refreshes.some((each) => sameFamily(each, family))) return;
  const own = setApart(adjRibsOut, locRib, name);
  if (own === null) return;
  own.refreshes.push(family);
  adjRibsOut.ready.add(own);
}
