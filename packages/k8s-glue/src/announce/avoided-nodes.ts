import type { Node } from "@herald-lb/k8s-glue/objects";

/** The nodes that announce on the segment only where no other can: they are about to be drained, or kept for other work. MetalLB has no such rule. */
export interface AvoidedNodes {
  /** True for nodes with `spec.unschedulable`: `kubectl cordon` and `kubectl drain` set it. */
  readonly cordoned: boolean;
  /** The keys of taints, of any value and effect. */
  readonly taints: readonly string[];
}

/** The rule of MetalLB: no node is avoided. */
export const noAvoidedNodes: AvoidedNodes = { cordoned: false, taints: [] };

/** True for a node that the rule avoids. */
export function isAvoided({ spec }: Node, { cordoned, taints }: AvoidedNodes): boolean {
  if (cordoned && spec?.unschedulable === true) return true;
  return (spec?.taints ?? []).some(({ key }) => taints.includes(key));
}
