import {
  err,
  familyOf,
  type IpAddress,
  type IpFamily,
  type Ipv6Address,
  isLinkLocal,
  ok,
  type Result,
} from "@herald-lb/sansio";
import type { PathSegment } from "../attribute/as-path.ts";
import { extendedCommunityValue } from "../attribute/extended-community.ts";
import type { PathAttribute } from "../attribute/table.ts";
import { type Family, includesFamily, IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { AS_TRANS } from "../iana.ts";
import type { LocalAddresses } from "./local-addresses.ts";
import type { RouteAttributes } from "./route-attributes.ts";
import type { NotAnnouncedReason } from "./route.ts";

/** The facts of a session that decide the attributes of a route in it, and how they are written. */
export interface OutboundSession {
  readonly localAs: number;
  readonly internal: boolean;
  readonly fourOctetAs: boolean;
  readonly families: readonly Family[];
  readonly extendedNextHop: boolean;
  /** Octets in a message, RFC 8654 §4. */
  readonly maxMessageLength: 4096 | 65535;
  /** RFC 7911 §4: the families whose NLRI have a Path Identifier. */
  readonly addPath: readonly Family[];
  /** RFC 9234 §5: routes have the Only to Customer attribute. */
  readonly onlyToCustomer: boolean;
  readonly local: LocalAddresses;
}

/** A route as a peer is told it. Routes with equal `key` share an UPDATE. */
export interface OutboundRoute {
  readonly key: string;
  readonly family: Family;
  readonly nextHop: IpAddress;
  /** RFC 2545 §3: follows a global next hop when the peer is on the link. */
  readonly linkLocal: Ipv6Address | null;
  /** In ascending order of their type codes; without NEXT_HOP and MP_REACH_NLRI. */
  readonly attributes: readonly PathAttribute[];
}

/** The attributes that a route of `family` has in a session, or the reason why it cannot be announced there. */
export function outboundRoute(
  family: IpFamily,
  route: RouteAttributes,
  session: OutboundSession,
): Result<OutboundRoute, NotAnnouncedReason> {
  const unicast = family === "IPv4" ? IPV4_UNICAST : IPV6_UNICAST;
  if (!includesFamily(session.families, unicast)) return err("FamilyNotNegotiated");
  const nextHop = nextHopOf(family, route, session);
  if (!nextHop.ok) return nextHop;
  const linkLocal =
    route.nextHop === "self" && familyOf(nextHop.value) === "IPv6" && !isLinkLocal(nextHop.value)
      ? (session.local.linkLocal ?? null)
      : null;
  const attributes = attributesOf(route, session);
  return ok({ key: `${family} ${route.key}`, family: unicast, nextHop: nextHop.value, linkLocal, attributes });
}

/** RFC 4271 §5.1.3, RFC 2545 §3, RFC 8950 §3. */
function nextHopOf(
  family: IpFamily,
  route: RouteAttributes,
  session: OutboundSession,
): Result<IpAddress, NotAnnouncedReason> {
  if (route.nextHop !== "self") return familyOf(route.nextHop) === family ? ok(route.nextHop) : err("NextHopFamily");
  const { local, otherFamily, linkLocal } = session.local;
  if (familyOf(local) === family) return ok(local);
  if (otherFamily !== undefined && familyOf(otherFamily) === family) return ok(otherFamily);
  if (family === "IPv6") return linkLocal === undefined ? err("NoNextHop") : ok(linkLocal);
  return session.extendedNextHop ? ok(local) : err("NoExtendedNextHop");
}

function attributesOf(route: RouteAttributes, session: OutboundSession): readonly PathAttribute[] {
  const { internal } = session;
  // Inside its AS a route that carries the own number would be taken for a loop, so there is nothing to prepend.
  const segments = internal ? [] : segmentsOf(session.localAs, 1 + route.prepend);
  const attributes: PathAttribute[] = [
    { type: "ORIGIN", value: "IGP" },
    { type: "AS_PATH", segments },
  ];
  if (route.med !== null) attributes.push({ type: "MULTI_EXIT_DISC", value: route.med });
  // RFC 4271 §5.1.5: to internal peers always, to external ones never.
  if (internal) attributes.push({ type: "LOCAL_PREF", value: route.localPref ?? 100 });
  if (route.communities.length > 0) attributes.push({ type: "COMMUNITIES", communities: route.communities });
  const extended =
    route.linkBandwidth === null
      ? route.extendedCommunities
      : [...route.extendedCommunities, linkBandwidth(route.linkBandwidth, session)];
  if (extended.length > 0) attributes.push({ type: "EXTENDED_COMMUNITIES", communities: extended });
  // RFC 6793 §4.2.2: a peer with two-octet AS numbers sees AS_TRANS in AS_PATH and the truth here.
  if (!session.fourOctetAs && session.localAs > 0xffff && segments.length > 0) {
    attributes.push({ type: "AS4_PATH", segments });
  }
  if (route.largeCommunities.length > 0) {
    attributes.push({ type: "LARGE_COMMUNITY", communities: route.largeCommunities });
  }
  if (session.onlyToCustomer) attributes.push({ type: "ONLY_TO_CUSTOMER", autonomousSystem: session.localAs });
  return attributes;
}

/** Across a border between ASes a receiver drops what is non-transitive, RFC 4360 §6. */
function linkBandwidth(bandwidth: number, { internal, localAs }: OutboundSession): bigint {
  const autonomousSystem = localAs > 0xffff ? AS_TRANS : localAs;
  return extendedCommunityValue({ type: "LinkBandwidth", isTransitive: !internal, autonomousSystem, bandwidth });
}

/** A segment holds at most 255 AS numbers, RFC 4271 §4.3. */
function segmentsOf(autonomousSystem: number, count: number): readonly PathSegment[] {
  const segments: PathSegment[] = [];
  for (let left = count; left > 0; left -= 255) {
    const autonomousSystems = Array.from({ length: Math.min(left, 255) }, () => autonomousSystem);
    segments.push({ type: "AS_SEQUENCE", autonomousSystems });
  }
  return segments;
}
