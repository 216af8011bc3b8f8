import type { DesiredRoute } from "@herald-lb/bgp-speaker";
import {
  advertisesPool,
  advertisesService,
  type BgpAdvertisementConfiguration,
  type Configuration,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import { type EndpointSlice, keyOf, type Node, type ObjectKey, type Service } from "@herald-lb/k8s-glue/objects";
import { familyOf, type IpAddress, prefixOf } from "@herald-lb/sansio";
import { type AdvertisementConflict, withoutConflicts } from "./advertisement-conflict.ts";
import { announcedAddresses, type ServiceReason } from "./announced-addresses.ts";
import { uniteCommunities } from "./communities.ts";
import { type NodeReason, nodeReason, servingEndpoints } from "./serving.ts";

/** The facts that decide the routes of one Service on one node. */
export interface RouteInput {
  readonly service: Service;
  /** The Service's own slices. */
  readonly slices: readonly EndpointSlice[];
  /** The node that this speaker runs on. */
  readonly node: Node;
  readonly configuration: Pick<Configuration, "pools" | "bgpAdvertisements">;
  readonly ignoreExcludeLb: boolean;
  readonly loadBalancerClass: string | null;
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
  if (reason !== null) return none(key, reason);
  const endpoints = servingEndpoints(input.slices);
  if (!endpoints.any) return none(key, "noEndpoints");
  const local = service.spec?.externalTrafficPolicy === "Local";
  if (local && !endpoints.nodes.has(node.metadata?.name ?? "")) return none(key, "noLocalEndpoints");

  const { serving, conflicts } = withoutConflicts(matching, addresses);
  const routes = addresses.flatMap((address) => serving.map((advertisement) => routeFor(address, advertisement)));
  return { service: key, addresses, routes, reason: null, conflicts };
}

function none(service: ObjectKey, reason: RouteReason): ServiceRoutes {
  return { service, addresses: [], routes: [], reason, conflicts: [] };
}

function routeFor(address: IpAddress, advertisement: BgpAdvertisementConfiguration): DesiredRoute {
  const { aggregationLength, aggregationLengthV6, localPref, peers } = advertisement;
  const length = familyOf(address) === "IPv4" ? aggregationLength : aggregationLengthV6;
  const values = uniteCommunities([advertisement.communities]);
  const communities = values.filter((value) => value.type === "Standard").map(({ value }) => value);
  const largeCommunities = values
    .filter((value) => value.type === "Large")
    .map(({ globalAdministrator, localDataPart1, localDataPart2 }) => ({
      globalAdministrator,
      localDataPart1,
      localDataPart2,
    }));
  return {
    prefix: prefixOf(address, length),
    nextHop: "self",
    peers: peers ?? "all",
    ...(localPref === null ? {} : { localPref }),
    ...(communities.length === 0 ? {} : { communities }),
    ...(largeCommunities.length === 0 ? {} : { largeCommunities }),
  };
}
