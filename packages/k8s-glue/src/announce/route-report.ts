import { type DesiredRoute, extendedCommunityText } from "@herald-lb/bgp-speaker";
import type { ServiceBGPStatusStatus } from "@herald-lb/k8s-glue/metallb";
import { formatCommunityValue } from "./communities.ts";
import type { ServiceRoutes } from "./routes.ts";

/** The part of a ServiceBGPStatus about attributes. Empty for a Service of which there is nothing to tell but its peers. */
export type RouteReport = Pick<ServiceBGPStatusStatus, "routes" | "conflictingAdvertisements" | "refused">;

/** The report on the routes of a Service. */
export function routeReport({
  routes,
  conflicts,
  refused,
}: Pick<ServiceRoutes, "routes" | "conflicts" | "refused">): RouteReport {
  return {
    ...(routes.some(hasAttributes) ? { routes: routes.map(reportedRoute) } : {}),
    ...(conflicts.length === 0
      ? {}
      : {
          conflictingAdvertisements: conflicts.map(({ kept, dropped, field }) => ({
            advertisement: dropped,
            usedInstead: kept,
            field,
          })),
        }),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/** True where a route has more than a prefix and its peers. */
function hasAttributes({ prefix: _prefix, peers: _peers, nextHop, ...attributes }: DesiredRoute): boolean {
  return nextHop !== "self" || Object.keys(attributes).length > 0;
}

/** A route with all its attributes, as users write them. */
export function reportedRoute(route: DesiredRoute): NonNullable<RouteReport["routes"]>[number] {
  const { prefix, nextHop, peers, localPref, med, prepend, linkBandwidth } = route;
  const communities = [
    ...(route.communities ?? []).map((value) => formatCommunityValue({ type: "Standard", value })),
    ...(route.largeCommunities ?? []).map((each) => formatCommunityValue({ type: "Large", ...each })),
    ...(route.extendedCommunities ?? []).map(extendedCommunityText),
  ];
  return {
    prefix,
    ...(peers === "all" ? {} : { peers }),
    ...(nextHop === "self" ? {} : { nextHop }),
    ...(localPref === undefined ? {} : { localPref }),
    ...(med === undefined ? {} : { med }),
    ...(prepend === undefined ? {} : { asPathPrepend: prepend }),
    ...(linkBandwidth === undefined ? {} : { linkBandwidth: linkBandwidth / 125_000 }),
    ...(communities.length === 0 ? {} : { communities }),
  };
}
