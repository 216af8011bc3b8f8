import {
  type AdvertisementScope,
  advertisesPool,
  advertisesService,
  type BgpAdvertisementConfiguration,
  type Configuration,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import type { Node, Service } from "@herald-lb/k8s-glue/objects";
import { announcedAddresses } from "./announced-addresses.ts";
import { type AvoidedNodes, isAvoided } from "./avoided-nodes.ts";
import { preferenceScore } from "./preference-score.ts";
import { nodeReason } from "./serving.ts";

/** A change of one Node, with the facts that decide which Services it concerns. */
export interface NodeChange {
  /** The Node as it was; null where it is new. */
  readonly before: Node | null;
  /** The Node as it is; null where it was deleted. */
  readonly now: Node | null;
  /** True for the node that this speaker runs on, the only one whose routes it announces. */
  readonly isOwnNode: boolean;
  readonly configuration: Pick<Configuration, "pools" | "l2Advertisements" | "bgpAdvertisements" | "communities">;
  readonly ignoreExcludeLb: boolean;
  readonly avoidedNodes: AvoidedNodes;
  readonly loadBalancerClass: string | null;
}

/**
 * The Services whose candidates on the segment, or whose routes from this node, may differ after a change of a Node, as a
 * predicate; null where there are none. A heartbeat concerns no Service, and neither does a label that no advertisement selects.
 * Costs O(advertisements), and as much for each Service that the predicate is asked about.
 */
export function servicesConcernedBy(change: NodeChange): ((service: Service) => boolean) | null {
  const { configuration, isOwnNode, loadBalancerClass } = change;
  const { l2Advertisements, bgpAdvertisements } = configuration;
  const changed: readonly AdvertisementScope[] = [
    ...l2Advertisements.filter((advertisement) =>
      differs(change, advertisement, (node) => preferenceScore(node, [advertisement])),
    ),
    ...bgpAdvertisements.filter(
      (advertisement) => isOwnNode && differs(change, advertisement, (node) => cordonOf(advertisement, node)),
    ),
  ];
  if (changed.length === 0) return null;
  return (service) => {
    const announced = announcedAddresses(service, configuration, loadBalancerClass);
    if (!announced.ok) return false;
    const { pool } = announced.value;
    return changed.some(
      (advertisement) => advertisesPool(advertisement, pool) && advertisesService(advertisement, service),
    );
  };
}

/** True where routes are not withdrawn at once from an excluded node, so that it matters which reason a node has. */
function isShutDown(advertisement: AdvertisementScope): boolean {
  return "gracefulShutdownTime" in advertisement && advertisement.gracefulShutdownTime !== null;
}

/** 1 for a cordoned node where routes tell of that. */
function cordonOf({ gracefulShutdownTime }: BgpAdvertisementConfiguration, { spec }: Node): number {
  return Number(gracefulShutdownTime !== null && spec?.unschedulable === true);
}

/** True if a Node joins or leaves the nodes that an advertisement selects, has another score among them, or is avoided from now on or no longer. */
function differs(
  { before, now, ignoreExcludeLb, avoidedNodes }: NodeChange,
  advertisement: AdvertisementScope,
  scoreOf: (node: Node) => number,
): boolean {
  const partOf = (node: Node | null): string | null => {
    if (node === null || !selectsNode(advertisement, node)) return null;
    const reason = nodeReason(node, ignoreExcludeLb);
    if (reason === null) return `${scoreOf(node)} ${isAvoided(node, avoidedNodes)}`;
    return isShutDown(advertisement) ? reason : null;
  };
  return partOf(before) !== partOf(now);
}
