import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** The fields of a peer of one node. */
export function on(host: string): object {
  return { nodeSelectors: [{ matchLabels: { host } }] };
}

/** The fields of a peer at an address. */
export function at(last: number): object {
  return { peerAddress: `192.0.2.${last}` };
}

/** The names of the peers that a configuration has. */
export function serving(...objects: readonly KubernetesObject[]): readonly string[] {
  return readConfiguration(objects).bgpPeers.map(({ name }) => name);
}
