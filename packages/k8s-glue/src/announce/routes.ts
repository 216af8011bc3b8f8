import type { DesiredRoute } from "@herald-lb/bgp-speaker";
import {
  advertisesPool,
  advertisesService,
  type BgpAdvertisementConfiguration,
  type Configuration,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import { type EndpointSlice, keyOf, type Node, type ObjectKey, type Service } from "@herald-lb/k8s-glue/objects";
import { familyOf, type IpAddress } from "@herald-lb/sansio";
import { type AdvertisementConflict, withoutConflicts } from "./advertisement-conflict.ts";
import { announcedAddresses, type ServiceReason } from "./announced-addresses.ts";
import { markedForShutdown, routeFor, withBandwidth } from "./route-for.ts";
import { type RefusedOverride, withServiceOverrides } from "./service-overrides.ts";
import { type NodeReason, nodeReason, servingEndpointCount, servingEndpoints } from "./serving.ts";

/** The facts that decide the routes of one Service on one node. */
export interface RouteInput {
  readonly service: Service;
  /** The Service's own slices. */
  readonly slices: readonly EndpointSlice[];
  /** The node that this speaker runs on. */
  readonly node: Node;
  readonly configuration: Pick<Configuration, "pools" | "bgpAdvertisements" | "communities">;
  readonly ignoreExcludeLb: boolean;
  readonly loadBalancerClass: string | null;
  /** The milliseconds since the node was excluded from load balancers, where it is; long ago where absent. */
  readonly excludedFor?: number;
  /** True while the speaker is about to stop for good. */
  readonly isStopping?: boolean;
}

/** The reason why a Service has no route on this node. */
export type RouteReason = Exclude<ServiceReason, "sharedIPWithServiceSelector"> | NodeReason | "noLocalEndpoints";

/** The routes of one Service from this node. */
export interface ServiceRoutes {
  readonly service: ObjectKey;
  readonly addresses: readonly IpAddress[];
  readonly routes: readonly DesiredRoute[];
  /** Null when there are routes. */
  readonly reason: RouteReason | null;
  /** The advertisements that are not used for this Service because of an older one. */
  readonly conflicts: readonly AdvertisementConflict[];
  /** The values in annotations of the Service that no advertisement allows it. */
  readonly refused: readonly RefusedOverride[];
}

/** Finds the routes of one Service on one node; each address has one for every advertisement that selects it. */
export function routesOf(input: RouteInput): ServiceRoutes {
  const { service, node, configuration } = input;
  const key = keyOf(service);
  const announced = announcedAddresses(service, configuration, input.loadBalancerClass);
  if (!announced.ok) return none(key, announced.error as RouteReason);
  const { addresses, pool } = announced.value;
  const matching = configuration.bgpAdvertisements.filter(
    (advertisement) =>
      advertisesPool(advertisement, pool) &&
      advertisesService(advertisement, service) &&
      selectsNode(advertisement, node),
  );
  if (matching.length === 0) return none(key, "noMatchingAdvertisement");
  const reason = nodeReason(node, input.ignoreExcludeLb);
  const staying = matching.filter((each) => reason === null || isShuttingDown(each, reason, input));
  if (reason !== null && staying.length === 0) return none(key, reason);
  const endpoints = servingEndpoints(input.slices);
  if (!endpoints.any) return none(key, "noEndpoints");
  const local = service.spec?.externalTrafficPolicy === "Local";
  if (local && !endpoints.nodes.has(node.metadata?.name ?? "")) return none(key, "noLocalEndpoints");

  const { advertisements, refused } = withServiceOverrides(service, staying, configuration.communities);
  const { serving, conflicts } = withoutConflicts(advertisements, addresses);
  const isLeaving = reason !== null || input.isStopping === true || node.spec?.unschedulable === true;
  const routes = addresses.flatMap((address) =>
    serving.map((advertisement) => {
      const endpoints = local ? servingEndpointCount(input.slices, node.metadata?.name ?? "", familyOf(address)) : null;
      const route = withBandwidth(routeFor(address, advertisement), endpoints, advertisement);
      return isLeaving && advertisement.gracefulShutdownTime !== null ? markedForShutdown(route) : route;
    }),
  );
  return { service: key, addresses, routes, reason: null, conflicts, refused };
}

/** True while the routes of an advertisement are still announced from a node that was excluded. */
function isShuttingDown(
  { gracefulShutdownTime }: BgpAdvertisementConfiguration,
  reason: NodeReason,
  { excludedFor = Number.POSITIVE_INFINITY }: RouteInput,
): boolean {
  return (
    reason === "nodeLabeledExcludeBalancers" && gracefulShutdownTime !== null && excludedFor < gracefulShutdownTime
  );
}

function none(service: ObjectKey, reason: RouteReason): ServiceRoutes {
  return { service, addresses: [], routes: [], reason, conflicts: [], refused: [] };
}
