import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, isIpv6, type Ipv4Address, type Ipv6Address, parseIpAddress } from "@herald-lb/sansio";
import type { BGPAdvertisementSpec } from "../crd/bgp-advertisement.ts";
import type { BgpPolicy, CommunityValue, ServiceOverrides } from "./bgp-policy.ts";
import type { CommunityAliases } from "./configuration.ts";
import { parseExtendedCommunity } from "./extended-community.ts";
import type { IssueCollector } from "./issue-collector.ts";
import { parseCommunity } from "./read-communities.ts";

/** The longest time for which routes are marked, in milliseconds. */
const MAX_SHUTDOWN_TIME = 3_600_000;

/** Reads the options of a BGPAdvertisement that MetalLB does not have. */
export function readBgpPolicy(
  spec: BGPAdvertisementSpec,
  aliases: CommunityAliases,
  report: IssueCollector,
): BgpPolicy {
  return {
    med: spec.med ?? null,
    asPathPrepend: spec.asPathPrepend ?? 0,
    nextHop: readNextHop("nextHop", "IPv4", spec.nextHop, report) as Ipv4Address | null,
    nextHopV6: readNextHop("nextHopV6", "IPv6", spec.nextHopV6, report) as Ipv6Address | null,
    extendedCommunities: readExtendedCommunities(spec.extendedCommunities ?? [], report),
    linkBandwidthPerEndpoint: spec.linkBandwidthPerEndpoint ?? null,
    gracefulShutdownTime: readGracefulShutdownTime(spec.gracefulShutdownTime, report),
    serviceOverrides: readServiceOverrides(spec.serviceOverrides, aliases, report),
  };
}

/** A next hop that cannot be read rejects the advertisement: by the node's own, traffic would take a way that nobody wants. */
function readNextHop(
  field: string,
  family: "IPv4" | "IPv6",
  text: string | undefined,
  report: IssueCollector,
): IpAddress | null {
  if (text === undefined) return null;
  const address = parseIpAddress(text);
  if (address.ok && isIpv6(address.value) === (family === "IPv6")) return address.value;
  const message = `"${text}" is not an ${family} address; Herald announces nothing by this advertisement until it is`;
  report.reject(`spec.${field}`, "BadAddress", message, { text });
  return null;
}

/** One that cannot be read rejects the advertisement, as with communities. */
function readExtendedCommunities(texts: readonly string[], report: IssueCollector): BgpPolicy["extendedCommunities"] {
  const path = "spec.extendedCommunities";
  return report.unique(path, texts).flatMap((text) => {
    const community = parseExtendedCommunity(text);
    if (community !== null) return [community];
    const message = `"${text}" is not an extended community, for example rt:65000:100 or ro:192.0.2.1:5`;
    report.reject(`${path}[${texts.indexOf(text)}]`, "BadCommunity", message, { text });
    return [];
  });
}

/** The time in milliseconds; null without one, or where it cannot be read. */
function readGracefulShutdownTime(text: string | undefined, report: IssueCollector): number | null {
  if (text === undefined) return null;
  const duration = parseGoDuration(text);
  if (duration !== null && duration >= 0 && duration <= MAX_SHUTDOWN_TIME) return duration;
  const message = `"${text}" is not a duration up to 1h, for example 10s; Herald withdraws routes without a graceful shutdown`;
  report.partial("spec.gracefulShutdownTime", "BadDuration", message, { text });
  return null;
}

/** Communities that cannot be read are allowed to nobody. */
function readServiceOverrides(
  spec: BGPAdvertisementSpec["serviceOverrides"],
  aliases: CommunityAliases,
  report: IssueCollector,
): ServiceOverrides | null {
  if (spec === undefined) return null;
  const path = "spec.serviceOverrides";
  const namespaces = spec.namespaces === undefined ? null : report.unique(`${path}.namespaces`, spec.namespaces);
  const communities: CommunityValue[] = [];
  for (const [at, text] of (spec.communities ?? []).entries()) {
    const community = aliases.get(text) ?? parseCommunity(text);
    if (community !== null) communities.push(community);
    else {
      const code = text.includes(":") ? "BadCommunity" : "UnknownCommunity";
      const message = `"${text}" is neither a community, for example 65000:100 or large:65000:1:2, nor a name of one; no Service may have it`;
      report.partial(`${path}.communities[${at}]`, code, message, { text });
    }
  }
  const { localPref } = spec;
  if (localPref !== undefined && localPref.minimum > localPref.maximum) {
    const { minimum, maximum } = localPref;
    const message = `the range from ${minimum} to ${maximum} is empty; no Service may set its LOCAL_PREF`;
    report.partial(`${path}.localPref`, "ReversedRange", message, { minimum, maximum });
  }
  return { namespaces, communities, localPref: localPref ?? null };
}
