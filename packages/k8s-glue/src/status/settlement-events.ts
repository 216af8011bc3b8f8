import type { Outcome } from "@herald-lb/allocator";
import type { Service } from "../objects.ts";
import { deprecatedAnnotations } from "../service/annotations.ts";
import { refusalText } from "./refusal-text.ts";
import type { Settlement } from "./settlement.ts";

/** One Event about a Service, under MetalLB's reasons. */
export interface SettlementEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The Events that a settlement deserves, in order. */
export function settlementEvents(key: string, service: Service, settlement: Settlement): readonly SettlementEvent[] {
  switch (settlement.type) {
    case "NotOurs":
    case "Released":
      return [];
    case "Refused": {
      const keeps = settlement.kept?.assignment !== null && settlement.kept !== null;
      const reason =
        settlement.refusal.code === "NotEnoughClusterIPs"
          ? "not enough clusterips"
          : keeps
            ? "LoadBalancerFailed"
            : "AllocationFailed";
      const message = `Failed to allocate IP for "${key}": ${refusalText(settlement.refusal)}${keeps ? "; it keeps what it holds" : ""}`;
      return [{ type: "Warning", reason, message }, ...deprecation(service)];
    }
    case "Settled":
      return [
        ...outcomeEvents(key, settlement.outcome),
        ...(settlement.outcome.change === "Kept" ? [] : deprecation(service)),
      ];
  }
}

function outcomeEvents(key: string, { assignment, change, refusal, givenUp }: Outcome): readonly SettlementEvent[] {
  const events: SettlementEvent[] = [];
  if (givenUp !== null && change !== "Kept") {
    const message = `current IP for "${key}" not allowed by config, will attempt for new IP assignment: ${refusalText(givenUp)}`;
    events.push({ type: "Normal", reason: "ClearAssignment", message });
  }
  const given = (assignment?.addresses ?? []).map((address) => `"${address}"`).join(" ");
  if (change === "Assigned") events.push({ type: "Normal", reason: "IPAllocated", message: `Assigned IP [${given}]` });
  if (change === "Extended")
    events.push({ type: "Normal", reason: "IPAllocated", message: `Assigned additional IP, now [${given}]` });
  if (refusal === null) return events;
  if (assignment === null) {
    const message = `Failed to allocate IP for "${key}": ${refusalText(refusal)}`;
    events.push({ type: "Warning", reason: "AllocationFailed", message });
  } else if (refusal.code === "PoolsExhausted") {
    const message = `cannot assign additional IP in PreferDualStack: ${refusalText(refusal)}`;
    events.push({ type: "Normal", reason: "AdditionalAssignFailed", message });
  } else {
    const message = `invalid requested loadbalancer IPs: ${refusalText(refusal)}; the service keeps [${given}]`;
    events.push({ type: "Warning", reason: "LoadBalancerFailed", message });
  }
  return events;
}

function deprecation(service: Service): readonly SettlementEvent[] {
  const keys = deprecatedAnnotations(service);
  if (keys.length === 0) return [];
  const message = `Service uses deprecated annotations: ${keys.join(", ")}; write metallb.io/ for metallb.universe.tf/`;
  return [{ type: "Warning", reason: "deprecatedAnnotation", message }];
}
