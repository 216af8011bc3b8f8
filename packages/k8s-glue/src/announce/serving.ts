import type { Endpoint, EndpointSlice, Node } from "@herald-lb/k8s-glue/objects";

/** Whether an endpoint takes traffic: ready (or silent about it), or terminating and still serving. */
export function isServing({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) || (conditions?.serving ?? false);
}

/** Where a Service's traffic can be taken. */
export interface ServingEndpoints {
  /** Whether any endpoint serves, on a known node or not. */
  readonly any: boolean;
  /** Names of nodes with a serving endpoint. */
  readonly nodes: ReadonlySet<string>;
}

/** Looks through the slices of one Service; an endpoint without an address is none. */
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

/** Why a node may not announce anything at all. */
export type NodeReason = "nodeNetworkUnavailable" | "nodeLabeledExcludeBalancers";

const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** What keeps a node from announcing; null when nothing does. Readiness, taints and cordons do not, as in MetalLB. */
export function nodeReason(node: Node, ignoreExcludeLb: boolean): NodeReason | null {
  const conditions = node.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === "NetworkUnavailable" && status === "True")) {
    return "nodeNetworkUnavailable";
  }
  const excluded = Object.hasOwn(node.metadata?.labels ?? {}, excludeLabel);
  return excluded && !ignoreExcludeLb ? "nodeLabeledExcludeBalancers" : null;
}
