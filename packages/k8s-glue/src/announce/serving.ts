import type { Endpoint, EndpointSlice, Node } from "@herald-lb/k8s-glue/objects";
import type { IpFamily } from "@herald-lb/sansio";

/** True if kube-proxy sends traffic to an endpoint: it is ready, or does not say; where none is, to those that are terminating and still serving. */
export function isServing(endpoint: Endpoint): boolean {
  return isReady(endpoint) || isServingTerminating(endpoint);
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}

/** An absent `serving` counts as true and an absent `terminating` as false, as in kube-proxy. */
function isServingTerminating({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && (conditions.serving ?? true);
}

/** The endpoints that can take a Service's traffic. */
export interface ServingEndpoints {
  /** True if any endpoint serves, on a known node or not. */
  readonly any: boolean;
  /** The names of the nodes with a serving endpoint. */
  readonly nodes: ReadonlySet<string>;
}

/** Finds the serving endpoints in the slices of one Service; an endpoint without an address is none. */
export function servingEndpoints(slices: Iterable<EndpointSlice>): ServingEndpoints {
  const nodes = new Set<string>();
  let any = false;
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      if ((endpoint.addresses ?? []).length === 0 || !isServing(endpoint)) continue;
      any = true;
      if (endpoint.nodeName !== undefined) nodes.add(endpoint.nodeName);
    }
  }
  return { any, nodes };
}

/**
 * The number of endpoints on a node to which kube-proxy sends what comes in by a family: the ready ones, or the serving ones that are terminating where
 * there is no other. A slice without a family counts for both.
 */
export function servingEndpointCount(slices: Iterable<EndpointSlice>, node: string, family: IpFamily): number {
  let ready = 0;
  let terminating = 0;
  for (const { addressType, endpoints } of slices) {
    if (addressType !== undefined && addressType !== family) continue;
    for (const endpoint of endpoints ?? []) {
      if (endpoint.nodeName !== node || (endpoint.addresses ?? []).length === 0) continue;
      if (isReady(endpoint)) ready++;
      else if (isServingTerminating(endpoint)) terminating++;
    }
  }
  return ready > 0 ? ready : terminating;
}

/** The reason why a node may announce no Service. */
export type NodeReason = "nodeNetworkUnavailable" | "nodeLabeledExcludeBalancers";

const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** The reason why a node may announce no Service; null when it may. Readiness, taints and cordons do not count, as in MetalLB. */
export function nodeReason(node: Node, ignoreExcludeLb: boolean): NodeReason | null {
  const conditions = node.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === "NetworkUnavailable" && status === "True")) {
    return "nodeNetworkUnavailable";
  }
  const excluded = Object.hasOwn(node.metadata?.labels ?? {}, excludeLabel);
  return excluded && !ignoreExcludeLb ? "nodeLabeledExcludeBalancers" : null;
}
