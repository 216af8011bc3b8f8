import type { Endpoint, EndpointSlice, Node } from "@herald-lb/k8s-glue/objects";

/** True if an endpoint takes traffic: it is ready, or does not say, or is terminating and still serving. */
export function isServing({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) || (conditions?.serving ?? false);
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
