import type { Node } from "./objects.ts";

/** False while the control plane has lost a Node: its condition Ready is Unknown. */
export function isReachable({ status }: Node): boolean {
  return !(status?.conditions ?? []).some(({ type, status: ready }) => type === "Ready" && ready === "Unknown");
}
