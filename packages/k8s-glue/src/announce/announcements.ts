import { type Cadence, type LoadSharingRequest, mergeCadences } from "@herald-lb/arp-responder";
import {
  advertisesPool,
  advertisesService,
  annotationOf,
  type Configuration,
  type InterfaceSelector,
  type L2AdvertisementConfiguration,
  replacesConflicting,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import { type EndpointSlice, keyOf, type Node, type ObjectKey, type Service } from "@herald-lb/k8s-glue/objects";
import type { IpAddress } from "@herald-lb/sansio";
import { announcedAddresses, type ServiceReason } from "./announced-addresses.ts";
import { type AvoidedNodes, isAvoided } from "./avoided-nodes.ts";
import { electionsOf, type L2Election } from "./elections-of.ts";
import { preferenceScore } from "./preference-score.ts";
import { type NodeReason, nodeReason, servingEndpoints } from "./serving.ts";

/** The facts that decide which nodes may announce one Service on the segment. */
export interface L2Input {
  readonly service: Service;
  /** The Service's own slices. */
  readonly slices: readonly EndpointSlice[];
  /** Other Services that hold one of its addresses, or one of those Services' addresses, and so on: all of them elect by the same address. */
  readonly sharers: readonly Service[];
  /** Every Node by its name. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly configuration: Pick<Configuration, "pools" | "l2Advertisements" | "bgpAdvertisements">;
  readonly ignoreExcludeLb: boolean;
  readonly avoidedNodes: AvoidedNodes;
  readonly loadBalancerClass: string | null;
}

/** The reason why a node is no candidate for a Service. */
export type CandidateReason = NodeReason | "noMatchingAdvertisement" | "noLocalEndpoints" | "nodeAvoided";

/** A node that may announce. */
export interface L2Candidate {
  readonly node: string;
  /** The sum of the weights of the preferences that the node meets; the highest is first in the election. */
  readonly score: number;
  /** The interfaces on which the node would answer, sorted by name and then by pattern, or all of them. */
  readonly interfaces: "all" | readonly InterfaceSelector[];
  /** Further ones on which it would answer for addresses that are on their subnet. None where absent. */
  readonly onSubnet?: "all" | readonly InterfaceSelector[];
}

/** The nodes that may announce a Service, and why the others may not. */
export interface L2Announcement {
  readonly service: ObjectKey;
  /** The name of the pool; null where `reason` was found before the pool. */
  readonly pool: string | null;
  /** The addresses to answer for; empty when `reason` is set. */
  readonly addresses: readonly IpAddress[];
  /** The elections of its addresses: one for all, or one for each family; none when `reason` is set. */
  readonly elections: readonly L2Election[];
  /** The candidates, sorted by name. Empty without a `reason` if every node has a reason of its own. */
  readonly candidates: readonly L2Candidate[];
  /** The nodes that are no candidates, by name, each with the reason. */
  readonly rejected: ReadonlyMap<string, CandidateReason>;
  /** True where the announcer keeps the addresses when a node comes that ranks before it. */
  readonly sticky: boolean;
  /** The way in which the addresses are announced. */
  readonly cadence: Cadence;
  /** `Probe` where the first announcement of an address by any node waits for a probe. */
  readonly conflictPolicy: "Probe" | "Announce";
  /** `Yield` where an announced address is given up to another station that claims it. */
  readonly onConflict: "Defend" | "Yield";
  /** True where a station that has an address is watched on when the Service is given another. */
  readonly watchesRivals: boolean;
  /** True where no node is to announce more than its share plus one. */
  readonly spread: boolean;
  /** The wish that every candidate serves its part of the clients; null where one node announces. */
  readonly loadSharing: LoadSharingRequest | null;
  /** The reason why no node may announce the Service; null when the nodes decide. */
  readonly reason: ServiceReason | null;
}

/** Finds the candidates for one Service: all that an election needs. */
export function l2AnnouncementOf(input: L2Input): L2Announcement {
  const { service, configuration } = input;
  const key = keyOf(service);
  const announced = announcedAddresses(service, configuration, input.loadBalancerClass);
  if (!announced.ok) return noCandidates(key, null, announced.error);
  const { addresses, pool } = announced.value;
  const endpoints = servingEndpoints(input.slices);
  if (!endpoints.any) return noCandidates(key, pool.pool.name, "noEndpoints");

  const advertisements = configuration.l2Advertisements.filter(
    (advertisement) => advertisesPool(advertisement, pool) && advertisesService(advertisement, service),
  );
  const selective = advertisements.some(({ serviceSelectors }) => serviceSelectors !== null);
  if (selective && annotationOf(service, "allow-shared-ip")) {
    return noCandidates(key, pool.pool.name, "sharedIPWithServiceSelector");
  }
  if (advertisements.length === 0) return noCandidates(key, pool.pool.name, "noMatchingAdvertisement");

  const candidates: L2Candidate[] = [];
  const rejected = new Map<string, CandidateReason>();
  const local = service.spec?.externalTrafficPolicy === "Local";
  for (const [name, node] of [...input.nodes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const selecting = advertisements.filter((advertisement) => selectsNode(advertisement, node));
    const reason =
      nodeReason(node, input.ignoreExcludeLb) ??
      (selecting.length === 0
        ? "noMatchingAdvertisement"
        : local && !endpoints.nodes.has(name)
          ? "noLocalEndpoints"
          : null);
    if (reason !== null) rejected.set(name, reason);
    else candidates.push({ node: name, score: preferenceScore(node, selecting), ...selectionsOf(selecting) });
  }
  const perFamily = advertisements.some((advertisement) => advertisement.perFamily);
  return {
    service: key,
    pool: pool.pool.name,
    addresses,
    elections: electionsOf(addresses, input.sharers, perFamily),
    candidates: withoutAvoided(candidates, rejected, input),
    rejected,
    sticky: advertisements.some((advertisement) => advertisement.sticky),
    spread: advertisements.some((advertisement) => advertisement.spread),
    loadSharing: loadSharingOf(advertisements),
    cadence: cadenceOf(advertisements),
    conflictPolicy: advertisements.some((each) => each.conflictPolicy === "Probe") ? "Probe" : "Announce",
    onConflict: advertisements.some((each) => each.onConflict === "Yield") ? "Yield" : "Defend",
    watchesRivals: replacesConflicting(pool, configuration),
    reason: null,
  };
}

function noCandidates(service: ObjectKey, pool: string | null, reason: ServiceReason): L2Announcement {
  return {
    service,
    pool,
    addresses: [],
    elections: [],
    candidates: [],
    rejected: new Map(),
    sticky: false,
    cadence: cadenceOf([]),
    conflictPolicy: "Announce",
    onConflict: "Defend",
    watchesRivals: false,
    spread: false,
    loadSharing: null,
    reason,
  };
}

/** The candidates without the avoided nodes, which are rejected; all of them where no other is left. */
function withoutAvoided(
  candidates: readonly L2Candidate[],
  rejected: Map<string, CandidateReason>,
  { nodes, avoidedNodes }: L2Input,
): readonly L2Candidate[] {
  const isFree = ({ node }: L2Candidate): boolean => !isAvoided(nodes.get(node) ?? {}, avoidedNodes);
  const free = candidates.filter(isFree);
  if (free.length === 0) return candidates;
  for (const candidate of candidates) if (!isFree(candidate)) rejected.set(candidate.node, "nodeAvoided");
  return free;
}

function selectionsOf(
  advertisements: readonly L2AdvertisementConfiguration[],
): Pick<L2Candidate, "interfaces" | "onSubnet"> {
  const bySubnet = advertisements.filter((each) => each.bySubnet);
  const interfaces = interfacesOf(advertisements.filter((each) => !each.bySubnet));
  return bySubnet.length === 0 ? { interfaces } : { interfaces, onSubnet: interfacesOf(bySubnet) };
}

function interfacesOf(advertisements: readonly L2AdvertisementConfiguration[]): "all" | readonly InterfaceSelector[] {
  const names = new Set<string>();
  const patterns = new Set<string>();
  for (const { interfaces } of advertisements) {
    if (interfaces === null) return "all";
    for (const each of interfaces) {
      if (typeof each === "string") names.add(each);
      else patterns.add(each.pattern);
    }
  }
  return [...[...names].toSorted(), ...[...patterns].toSorted().map((pattern) => ({ pattern }))];
}

/** An advertisement that probes or yields comes before one that shares. */
function loadSharingOf(advertisements: readonly L2AdvertisementConfiguration[]): LoadSharingRequest | null {
  const isGuarded = advertisements.some((each) => each.conflictPolicy === "Probe" || each.onConflict === "Yield");
  if (isGuarded || !advertisements.some((each) => each.loadSharing === "PerClient")) return null;
  return { rebalance: advertisements.some((each) => each.rebalance) };
}

function cadenceOf(advertisements: readonly L2AdvertisementConfiguration[]): Cadence {
  return mergeCadences(
    advertisements.map(({ refreshInterval, arpAnnouncementForm: form }) => ({ refreshInterval, form })),
  );
}
