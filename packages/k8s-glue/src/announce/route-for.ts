import { type DesiredRoute, WellKnownCommunity } from "@herald-lb/bgp-speaker";
import type { BgpAdvertisementConfiguration } from "@herald-lb/k8s-glue/metallb";
import { familyOf, type IpAddress, prefixOf } from "@herald-lb/sansio";
import { uniteCommunities } from "./communities.ts";
import { extendedCommunityBits } from "./extended-communities.ts";

/** The route to an address, or to the aggregate that has it, as an advertisement has it. */
export function routeFor(address: IpAddress, advertisement: BgpAdvertisementConfiguration): DesiredRoute {
  const { localPref, peers, med, asPathPrepend } = advertisement;
  const isV4 = familyOf(address) === "IPv4";
  const length = isV4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
  const values = uniteCommunities([advertisement.communities]);
  const communities = values.filter((value) => value.type === "Standard").map(({ value }) => value);
  const largeCommunities = values
    .filter((value) => value.type === "Large")
    .map(({ globalAdministrator, localDataPart1, localDataPart2 }) => ({
      globalAdministrator,
      localDataPart1,
      localDataPart2,
    }));
  const extendedCommunities = advertisement.extendedCommunities.map(extendedCommunityBits);
  return {
    prefix: prefixOf(address, length),
    nextHop: (isV4 ? advertisement.nextHop : advertisement.nextHopV6) ?? "self",
    peers: peers ?? "all",
    ...(localPref === null ? {} : { localPref }),
    ...(med === null ? {} : { med }),
    ...(asPathPrepend === 0 ? {} : { prepend: asPathPrepend }),
    ...(communities.length === 0 ? {} : { communities }),
    ...(largeCommunities.length === 0 ? {} : { largeCommunities }),
    ...(extendedCommunities.length === 0 ? {} : { extendedCommunities }),
  };
}

/** A route that others are to be preferred to, RFC 8326 §4.1 and §4.2: internal peers see it by LOCAL_PREF. */
export function markedForShutdown(route: DesiredRoute): DesiredRoute {
  const communities = [...(route.communities ?? []), WellKnownCommunity.GRACEFUL_SHUTDOWN];
  return { ...route, localPref: 0, communities };
}

/** Octets a second in a megabit a second. */
const OCTETS_PER_MEGABIT = 125_000;

/** A route with the bandwidth of the endpoints on the node; as it is where `endpoints` is null or 0, or the advertisement gives none. */
export function withBandwidth(
  route: DesiredRoute,
  endpoints: number | null,
  { linkBandwidthPerEndpoint }: BgpAdvertisementConfiguration,
): DesiredRoute {
  if (endpoints === null || endpoints === 0 || linkBandwidthPerEndpoint === null) return route;
  return { ...route, linkBandwidth: endpoints * linkBandwidthPerEndpoint * OCTETS_PER_MEGABIT };
}
