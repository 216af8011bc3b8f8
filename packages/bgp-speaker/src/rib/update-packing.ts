import {
  familyOf,
  type IpAddress,
  type IpPrefix,
  type Ipv4Address,
  prefixFamily,
  prefixLength,
} from "@herald-lb/sansio";
import type { PathAttribute } from "../attribute/table.ts";
import type { CodecContext } from "../codec-context.ts";
import { type Family, IPV4_UNICAST, IPV6_UNICAST, sameFamily } from "../family.ts";
import { encodeMessage } from "../message/index.ts";
import type { UpdateMessage } from "../message/update.ts";
import type { OutboundRoute } from "./outbound-route.ts";

/** The length of outgoing messages stays within RFC 4271 §4.1 also where RFC 8654 would allow more. */
const MAX_MESSAGE_LENGTH = 4096;

/** Octets of an UPDATE with an empty MP_UNREACH_NLRI, header and extended length included. */
const WITHDRAWAL_OVERHEAD = 19 + 4 + 4 + 3;

/** UPDATE messages that announce `prefixes` with the attributes of one route, as few as fit. */
export function announcements(
  route: OutboundRoute,
  prefixes: readonly IpPrefix[],
  context: CodecContext,
): readonly UpdateMessage[] {
  return batches(prefixes, roomFor(route, context)).map((batch) => announcement(route, batch));
}

/** The number of octets of NLRI that fit beside the attributes of `route`; negative where not even those fit. */
export function roomFor(route: OutboundRoute, context: CodecContext): number {
  if (isHopeless(route.attributes)) return -1;
  const empty = encodeMessage(announcement(route, []), { ...context, maxMessageLength: 65535 });
  // One octet more for the length of MP_REACH_NLRI, which takes two octets once there are many prefixes.
  return MAX_MESSAGE_LENGTH - empty.length - 1;
}

/** True where lists alone exceed a message: such attributes need not be written to know it. */
function isHopeless(attributes: readonly PathAttribute[]): boolean {
  const entries = attributes.map((each) => {
    if (each.type === "AS_PATH") return each.segments.flatMap((segment) => segment.autonomousSystems).length / 2;
    return "communities" in each ? each.communities.length : 0;
  });
  return entries.some((count) => count > MAX_MESSAGE_LENGTH / 4);
}

/** The octets that a prefix takes as NLRI, RFC 4271 §4.3. */
export function nlriLength(prefix: IpPrefix): number {
  return 1 + Math.ceil(prefixLength(prefix) / 8);
}

/** UPDATE messages that withdraw `prefixes`, of any family, as few as fit. */
export function withdrawals(prefixes: readonly IpPrefix[]): readonly UpdateMessage[] {
  const room = MAX_MESSAGE_LENGTH - WITHDRAWAL_OVERHEAD;
  const ipv4 = prefixes.filter((prefix) => prefixFamily(prefix) === "IPv4");
  const ipv6 = prefixes.filter((prefix) => prefixFamily(prefix) === "IPv6");
  return [
    ...batches(ipv4, room).map((batch) => update({ withdrawn: batch })),
    ...batches(ipv6, room).map((batch) => update({ attributes: [unreach(IPV6_UNICAST, batch)] })),
  ];
}

function announcement(route: OutboundRoute, prefixes: readonly IpPrefix[]): UpdateMessage {
  const nlri = prefixes.map((prefix) => ({ prefix }));
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
  return update({ attributes: [reach, ...route.attributes] });
}

function isIpv4(address: IpAddress): address is Ipv4Address {
  return familyOf(address) === "IPv4";
}

function unreach(family: Family, prefixes: readonly IpPrefix[]): PathAttribute {
  return { type: "MP_UNREACH_NLRI", family, withdrawnRoutes: prefixes.map((prefix) => ({ prefix })) };
}

function update(parts: {
  readonly withdrawn?: readonly IpPrefix[];
  readonly attributes?: readonly PathAttribute[];
}): UpdateMessage {
  return {
    type: "UPDATE",
    withdrawnRoutes: (parts.withdrawn ?? []).map((prefix) => ({ prefix })),
    pathAttributes: parts.attributes ?? [],
    nlri: [],
  };
}

function batches(prefixes: readonly IpPrefix[], room: number): readonly (readonly IpPrefix[])[] {
  const done: IpPrefix[][] = [];
  let left = -1;
  for (const prefix of prefixes) {
    const length = nlriLength(prefix);
    const last = done.at(-1);
    if (last === undefined || length > left) {
      done.push([prefix]);
      left = room - length;
    } else {
      last.push(prefix);
      left -= length;
    }
  }
  return done;
}
