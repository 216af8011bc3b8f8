import type { Node } from "@herald-lb/k8s-glue/objects";
import { nodeReason } from "./serving.ts";

/** The sign that a node is leaving service, so that its speaker, once stopped, is not about to start again. */
export type LeavingReason =
  | "nodeDeleted"
  | "nodeCordoned"
  /** The kubelet says so when the node shuts down, before it stops the speaker. */
  | "nodeNotReady"
  /** A taint that announces the end of the node. */
  | "nodeTainted"
  /** The node announces nothing. */
  | "nodeExcluded";

const endingTaints: ReadonlySet<string> = new Set([
  "node.kubernetes.io/out-of-service",
  "node.cloudprovider.kubernetes.io/shutdown",
  "ToBeDeletedByClusterAutoscaler",
  "karpenter.sh/disrupted",
]);

/** The reason to take a node for leaving service; null where it stays. A node without the condition Ready counts as ready. */
export function leavingReason(node: Node | undefined, ignoreExcludeLb: boolean): LeavingReason | null {
  if (node === undefined) return "nodeDeleted";
  const { spec, status } = node;
  if (spec?.unschedulable === true) return "nodeCordoned";
  if (status?.conditions?.some(({ type, status: value }) => type === "Ready" && value !== "True") === true)
    return "nodeNotReady";
  if (spec?.taints?.some(({ key }) => endingTaints.has(key)) === true) return "nodeTainted";
  return nodeReason(node, ignoreExcludeLb) === null ? null : "nodeExcluded";
}
