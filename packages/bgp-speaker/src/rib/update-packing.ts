import { familyOf, type IpAddress, type IpPrefix, type Ipv4Address } from "@herald-lb/sansio";
import type { PathAttribute } from "../attribute/table.ts";
import type { CodecContext } from "../codec-context.ts";
import { type Family, IPV4_UNICAST, sameFamily } from "../family.ts";
import { encodedAttributesLength } from "../message/index.ts";
import type { UpdateMessage } from "../message/update.ts";
import type { OutboundRoute } from "./outbound-route.ts";

/** RFC 7911 §3: one path a prefix is told, so that one identifier serves for all. Not 0, which some receivers take for none. */
const PATH_ID = 1;

/** Octets of an UPDATE with an empty MP_UNREACH_NLRI, header and extended length included. */
const WITHDRAWAL_OVERHEAD = 19 + 4 + 4 + 3;

/** Octets of an UPDATE without attributes and routes: the header and two lengths. */
const ANNOUNCEMENT_OVERHEAD = 19 + 4;

/** The number of octets of NLRI that fit into an UPDATE that withdraws. */
export function withdrawalRoom({ maxMessageLength }: CodecContext): number {
  return maxMessageLength - WITHDRAWAL_OVERHEAD;
}

/** A route as a peer is told it, and the number of octets of NLRI that fit beside its attributes; negative where not even those fit. */
export interface AdvertisedRoute extends OutboundRoute {
  readonly room: number;
}

/** Measures how many octets of NLRI fit beside a route's attributes. */
export function withRoom(route: OutboundRoute, context: CodecContext): AdvertisedRoute {
  return { ...route, room: roomFor(route, context) };
}

function roomFor(route: OutboundRoute, context: CodecContext): number {
  const { maxMessageLength } = context;
  if (isHopeless(route.attributes, maxMessageLength)) return -1;
  const attributes = encodedAttributesLength(announcement(route, []).pathAttributes, context);
  // One octet more for the length of MP_REACH_NLRI, which takes two octets once there are many prefixes.
  return maxMessageLength - ANNOUNCEMENT_OVERHEAD - attributes - 1;
}

/** True where lists alone exceed a message: such attributes need not be written to know it. */
function isHopeless(attributes: readonly PathAttribute[], maxMessageLength: number): boolean {
  const entries = attributes.map((each) => {
    if (each.type === "AS_PATH") return each.segments.flatMap((segment) => segment.autonomousSystems).length / 2;
    return "communities" in each ? each.communities.length : 0;
  });
  return entries.some((count) => count > maxMessageLength / 4);
}

/** The UPDATE that withdraws `prefixes`, which are of one family. */
export function withdrawal(family: Family, prefixes: readonly IpPrefix[]): UpdateMessage {
  const withdrawnRoutes = prefixes.map((prefix) => ({ prefix, pathId: PATH_ID }));
  return sameFamily(family, IPV4_UNICAST)
    ? { type: "UPDATE", withdrawnRoutes, pathAttributes: [], nlri: [] }
    : update([{ type: "MP_UNREACH_NLRI", family, withdrawnRoutes }]);
}

/** The UPDATE that announces `prefixes` with the attributes of `route`. */
export function announcement(route: OutboundRoute, prefixes: readonly IpPrefix[]): UpdateMessage {
  const nlri = prefixes.map((prefix) => ({ prefix, pathId: PATH_ID }));
  const [origin, path, ...rest] = route.attributes;
  if (origin === undefined || path === undefined) throw new Error("route without ORIGIN and AS_PATH");
  if (sameFamily(route.family, IPV4_UNICAST) && isIpv4(route.nextHop)) {
    const nextHop: PathAttribute = { type: "NEXT_HOP", address: route.nextHop };
    return { type: "UPDATE", withdrawnRoutes: [], pathAttributes: [origin, path, nextHop, ...rest], nlri };
  }
  // RFC 7606 §5.1: MP_REACH_NLRI comes first.
  const reach: PathAttribute = {
    type: "MP_REACH_NLRI",
    family: route.family,
    nextHop: route.nextHop,
    ...(route.linkLocal === null ? {} : { linkLocalNextHop: route.linkLocal }),
    nlri,
  };
  return update([reach, ...route.attributes]);
}

function isIpv4(address: IpAddress): address is Ipv4Address {
  return familyOf(address) === "IPv4";
}

function update(pathAttributes: readonly PathAttribute[]): UpdateMessage {
  return { type: "UPDATE", withdrawnRoutes: [], pathAttributes, nlri: [] };
}
