import { err, ok, type Result } from "@herald-lb/sansio";
import { type Capability, findCapability, multiprotocolFamilies } from "../capability.ts";
import { type Family, includesFamily, IPV4_UNICAST, IPV6_UNICAST, sameFamily } from "../family.ts";
import type { NotificationMessage } from "../notification-message.ts";
import { capabilitiesOf, type OpenMessage } from "../message/open.ts";
import { AS_TRANS, ErrorCode, OpenSubcode } from "../iana.ts";
import { roleOfPeer, roleValues } from "../role.ts";
import type { FsmConfig } from "./config.ts";
import { notification } from "./notification.ts";
import type { Negotiated } from "./state.ts";

/**
 * The result of a peer's OPEN and ours, or the NOTIFICATION that refuses it: RFC 4271 §6.2 in the order AS, Hold Time,
 * identifier, then the role (RFC 9234 §4.2), then the families. The version and the optional parameters were judged by the decoder.
 */
export function checkOpen(open: OpenMessage, config: FsmConfig): Result<Negotiated, NotificationMessage> {
  const theirs = capabilitiesOf(open);
  const ours = capabilitiesOf(config.open);
  const fourOctetAs = theirs.find((each) => each.type === "FourOctetAs");
  const peerAs = fourOctetAs?.autonomousSystem ?? open.autonomousSystem;
  const internal = peerAs === config.localAs;
  if (
    !isAcceptableAs(peerAs, open.autonomousSystem, fourOctetAs !== undefined) ||
    !isExpectedAs(peerAs, internal, config)
  ) {
    return err(notification(ErrorCode.OpenMessageError, OpenSubcode.BadPeerAs));
  }
  if (open.holdTime === 1 || open.holdTime === 2)
    return err(notification(ErrorCode.OpenMessageError, OpenSubcode.UnacceptableHoldTime));
  // RFC 6286 §2.2: zero is never good, and ours is not good inside our AS.
  if (open.bgpIdentifier === "0.0.0.0" || (internal && open.bgpIdentifier === config.open.bgpIdentifier)) {
    return err(notification(ErrorCode.OpenMessageError, OpenSubcode.BadBgpIdentifier));
  }
  if (!internal && !isExpectedRole(theirs, config))
    return err(notification(ErrorCode.OpenMessageError, OpenSubcode.RoleMismatch));
  const wanted = familiesOf(ours);
  const offered = familiesOf(theirs);
  const families = wanted.filter((family) => includesFamily(offered, family));
  if (families.length === 0)
    return err(notification(ErrorCode.OpenMessageError, OpenSubcode.UnsupportedCapability, multiprotocolTlvs(wanted)));
  const holdTime = Math.min(open.holdTime, config.open.holdTime);
  const third = holdTime / 3;
  const has = (type: Capability["type"]): boolean =>
    ours.some((each) => each.type === type) && theirs.some((each) => each.type === type);
  return ok({
    peerAs,
    peerIdentifier: open.bgpIdentifier,
    internal,
    holdTime,
    keepaliveTime: config.keepaliveTime === null ? third : Math.min(config.keepaliveTime, third),
    fourOctetAs: has("FourOctetAs"),
    families,
    routeRefresh: has("RouteRefresh"),
    enhancedRouteRefresh: has("RouteRefresh") && has("EnhancedRouteRefresh"),
    gracefulRestart: gracefulRestartOf(ours, theirs),
    extendedNextHop: hasIpv4OverIpv6(ours) && hasIpv4OverIpv6(theirs),
    extendedMessage: has("ExtendedMessage"),
    addPath: {
      send: families.filter((family) => canSendPaths(ours, family) && canReceivePaths(theirs, family)),
      receive: families.filter((family) => canReceivePaths(ours, family) && canSendPaths(theirs, family)),
    },
  });
}

/** The peer's own families do not matter: without any it helps all the same (RFC 4724 §4.2). */
function gracefulRestartOf(ours: readonly Capability[], theirs: readonly Capability[]): Negotiated["gracefulRestart"] {
  const [own, peer] = [findCapability(ours, "GracefulRestart"), findCapability(theirs, "GracefulRestart")];
  return own === null || peer === null ? null : { notification: own.notification && peer.notification };
}

function isAcceptableAs(peerAs: number, twoOctets: number, hasCapability: boolean): boolean {
  if (peerAs === 0 || twoOctets === 0) return false;
  if (!hasCapability) return true;
  return twoOctets === AS_TRANS || twoOctets === peerAs;
}

function isExpectedAs(peerAs: number, internal: boolean, config: FsmConfig): boolean {
  if (config.peerAs === "internal") return internal;
  if (config.peerAs === "external") return !internal;
  return peerAs === config.peerAs;
}

/** RFC 9234 §4.2: several capabilities that agree are one; none is a mismatch in strict mode alone. */
function isExpectedRole(theirs: readonly Capability[], { role }: FsmConfig): boolean {
  if (role === null) return true;
  const told = theirs.flatMap((each) => (each.type === "Role" ? [each.role] : []));
  if (told.length === 0) return !role.strict;
  return told.every((value) => value === roleValues[roleOfPeer[role.local]]);
}

/** RFC 7911 §4: Send/Receive of the first entry for a family; other values than 1, 2 and 3 mean nothing. */
function sendReceiveOf(capabilities: readonly Capability[], family: Family): number {
  for (const each of capabilities) {
    if (each.type !== "AddPath") continue;
    const entry = each.families.find((one) => sameFamily(one.family, family));
    if (entry !== undefined) return entry.sendReceive <= 3 ? entry.sendReceive : 0;
  }
  return 0;
}

function canReceivePaths(capabilities: readonly Capability[], family: Family): boolean {
  return (sendReceiveOf(capabilities, family) & 1) !== 0;
}

function canSendPaths(capabilities: readonly Capability[], family: Family): boolean {
  return (sendReceiveOf(capabilities, family) & 2) !== 0;
}

/** RFC 4760 §8: without the capability a speaker means IPv4 unicast alone. */
function familiesOf(capabilities: readonly Capability[]): readonly Family[] {
  const families = multiprotocolFamilies(capabilities);
  return families.length === 0 ? [IPV4_UNICAST] : families;
}

function hasIpv4OverIpv6(capabilities: readonly Capability[]): boolean {
  return capabilities.some(
    (each) =>
      each.type === "ExtendedNextHop" &&
      each.encodings.some(
        ({ family, nextHopAfi }) => includesFamily([IPV4_UNICAST], family) && nextHopAfi === IPV6_UNICAST.afi,
      ),
  );
}

/** RFC 5492 §3: the data of Unsupported Capability are the capabilities that were missed, as an OPEN would hold them. */
function multiprotocolTlvs(families: readonly Family[]): Uint8Array {
  return Uint8Array.from(families.flatMap(({ afi, safi }) => [1, 4, afi >>> 8, afi & 0xff, 0, safi]));
}
