import type { L2AdvertisementConfiguration } from "@herald-lb/k8s-glue/metallb";
import { type Node, selectorMatches } from "@herald-lb/k8s-glue/objects";

/** The sum of the weights of all preferences of L2Advertisements that a Node meets; higher comes first in the election. */
export function preferenceScore(node: Node, advertisements: readonly L2AdvertisementConfiguration[]): number {
  const labels = node.metadata?.labels ?? {};
  let score = 0;
  for (const { preferredNodeSelectors } of advertisements) {
    for (const { weight, preference } of preferredNodeSelectors)
      if (selectorMatches(preference, labels)) score += weight;
  }
  return score;
}
