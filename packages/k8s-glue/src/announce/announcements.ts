import {
  advertisesPool,
  advertisesService,
  annotationOf,
  type Configuration,
  type L2AdvertisementConfiguration,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import {
  type EndpointSlice,
  keyOf,
  type Node,
  type ObjectKey,
  recordedAddresses,
  type Service,
} from "@herald-lb/k8s-glue/objects";
import { compareIpAddresses, type IpAddress } from "@herald-lb/sansio";
import { announcedAddresses, type ServiceReason } from "./announced-addresses.ts";
import { preferenceScore } from "./preference-score.ts";
import { type NodeReason, nodeReason, servingEndpoints } from "./serving.ts";

/** Everything that decides who may announce one Service on the segment. */
export interface L2Input {
  readonly service: Service;
  /** The Service's own slices. */
  readonly slices: readonly EndpointSlice[];
  /** Other Services that hold one of its addresses: all that share an address must elect by the same one. */
  readonly sharers: readonly Service[];
  /** Every Node by its name. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** Names of nodes whose speaker lives; null where there is no membership: every Node then counts as alive. */
  readonly members: ReadonlySet<string> | null;
  readonly configuration: Pick<Configuration, "pools" | "l2Advertisements">;
  readonly ignoreExcludeLb: boolean;
  readonly loadBalancerClass: string | null;
}

/** Why one node is no candidate for a Service. */
export type CandidateReason = NodeReason | "notMember" | "noMatchingAdvertisement" | "noLocalEndpoints";

/** A node that may announce. */
export interface L2Candidate {
  readonly node: string;
  /** Sum of the weights of the preferences that the node meets; higher comes first in the election. */
  readonly score: number;
  /** Where the node would answer: names of interfaces, sorted, or all of them. */
  readonly interfaces: "all" | readonly string[];
}

/** Who may announce a Service, and why others may not. */
export interface L2Announcement {
  readonly service: ObjectKey;
  /** Name of the pool; null together with `reason`s that come before it is known. */
  readonly pool: string | null;
  /** What to answer for; empty when `reason` is set. */
  readonly addresses: readonly IpAddress[];
  /** What nodes are ranked by: the first address, of all Services that share one; null when `reason` is set. */
  readonly electionAddress: IpAddress | null;
  /** Sorted by name. Empty with no `reason` means that every node has one of its own. */
  readonly candidates: readonly L2Candidate[];
  /** The nodes that are no candidates, by name. */
  readonly rejected: ReadonlyMap<string, CandidateReason>;
  /** Why nobody may announce; null when the nodes decide. */
  readonly reason: ServiceReason | null;
}

/** Works out the candidates for one Service; whoever runs the election needs nothing else. */
export function l2AnnouncementOf(input: L2Input): L2Announcement {
  const { service, configuration } = input;
  const key = keyOf(service);
  const announced = announcedAddresses(service, configuration, input.loadBalancerClass);
  if (!announced.ok) return nobody(key, null, announced.error);
  const { addresses, pool } = announced.value;
  const endpoints = servingEndpoints(input.slices);
  if (!endpoints.any) return nobody(key, pool.pool.name, "noEndpoints");

  const advertisements = configuration.l2Advertisements.filter(
    (advertisement) => advertisesPool(advertisement, pool) && advertisesService(advertisement, service),
  );
  const selective = advertisements.some(({ serviceSelectors }) => serviceSelectors !== null);
  if (selective && annotationOf(service, "allow-shared-ip")) {
    return nobody(key, pool.pool.name, "sharedIPWithServiceSelector");
  }
  if (advertisements.length === 0) return nobody(key, pool.pool.name, "noMatchingAdvertisement");

  const candidates: L2Candidate[] = [];
  const rejected = new Map<string, CandidateReason>();
  const local = service.spec?.externalTrafficPolicy === "Local";
  for (const [name, node] of [...input.nodes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const selecting = advertisements.filter((advertisement) => selectsNode(advertisement, node));
    const reason =
      input.members?.has(name) === false
        ? "notMember"
        : (nodeReason(node, input.ignoreExcludeLb) ??
          (selecting.length === 0
            ? "noMatchingAdvertisement"
            : local && !endpoints.nodes.has(name)
              ? "noLocalEndpoints"
              : null));
    if (reason !== null) rejected.set(name, reason);
    else candidates.push({ node: name, score: preferenceScore(node, selecting), interfaces: interfacesOf(selecting) });
  }
  const electionAddress = electionAddressOf(addresses, input.sharers);
  return { service: key, pool: pool.pool.name, addresses, electionAddress, candidates, rejected, reason: null };
}

function nobody(service: ObjectKey, pool: string | null, reason: ServiceReason): L2Announcement {
  return { service, pool, addresses: [], electionAddress: null, candidates: [], rejected: new Map(), reason };
}

/** MetalLB ranks by a Service's own first address, so that two which share only their IPv6 address could be answered by two nodes. */
function electionAddressOf(addresses: readonly IpAddress[], sharers: readonly Service[]): IpAddress | null {
  const joined = sharers
    .map(recordedAddresses)
    .filter((theirs) => theirs.some((address) => addresses.includes(address)));
  return [...addresses, ...joined.flat()].toSorted(compareIpAddresses)[0] ?? null;
}

function interfacesOf(advertisements: readonly L2AdvertisementConfiguration[]): "all" | readonly string[] {
  const names = new Set<string>();
  for (const { interfaces } of advertisements) {
    if (interfaces === null) return "all";
    for (const name of interfaces) names.add(name);
  }
  return [...names].toSorted();
}
