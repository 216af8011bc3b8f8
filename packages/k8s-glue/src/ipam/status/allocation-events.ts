import type { Service } from "@herald-lb/k8s-glue/objects";
import { familyOf } from "@herald-lb/sansio";
import { addressAssigned } from "../demand/ownership.ts";
import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import { allocationText } from "./allocation-text.ts";
import { refusalText } from "./refusal-text.ts";
import { serviceCondition } from "./service-condition.ts";

/** An Event about a Service, with MetalLB's reason where MetalLB has one. */
export interface AllocationEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

type Ours = Extract<AllocationResult, { type: "Refused" | "Decided" }>;

/**
 * The Events for a result, in order: what the Service's status, as it was read, does not say yet. They are recorded once
 * `servicePatch` of the same result is written; where that is null there are none.
 */
export function allocationEvents(key: string, service: Service, result: AllocationResult): readonly AllocationEvent[] {
  if (result.type === "NotOurs" || result.type === "Released") return [];
  return [
    ...discrepancyEvents(key, service, result),
    ...givenEvents(service, result),
    ...refusalEvents(key, service, result),
  ];
}

function discrepancyEvents(key: string, service: Service, result: Ours): readonly AllocationEvent[] {
  const { discrepancy } = result;
  const live = liveAddresses(service);
  const held = heldAddresses(result);
  if (discrepancy === null || sameSet(live, held)) return [];
  const why = discrepancy.because === null ? null : refusalText(discrepancy.because);
  if (discrepancy.type === "Edited") {
    const reason = why ?? "the service requests none of them; annotation metallb.io/loadBalancerIPs requests addresses";
    const edit = live.length === 0 ? "emptied" : `edited to ${quoted(live)}`;
    const message = `status was ${edit} and restored to ${quoted(held)}${live.length === 0 ? "" : `: ${reason}`}`;
    return [{ type: "Warning", reason: "StatusRestored", message }];
  }
  if (discrepancy.because.code === "AddressOccupied") {
    const message = `${why}; the service had ${quoted(live)}, has ${quoted(held)} now: change what names the old address`;
    return [{ type: "Warning", reason: "AddressReplaced", message }];
  }
  const message = `current IP for "${key}" not allowed by config, will attempt for new IP assignment: ${why}; had ${quoted(live)}, has ${quoted(held)} now`;
  return [{ type: "Normal", reason: "ClearAssignment", message }];
}

function givenEvents(service: Service, result: Ours): readonly AllocationEvent[] {
  const live = liveAddresses(service);
  const held = heldAddresses(result);
  const more = held.filter((address) => !live.includes(address));
  if (more.length === 0 || result.discrepancy?.type === "Edited") return [];
  const isAddition = live.length > 0 && live.every((address) => held.includes(address));
  const message = isAddition
    ? `Assigned additional IP ${more.map((address) => `"${address}"`).join(" ")}`
    : `Assigned IP ${quoted(held)}`;
  return [{ type: "Normal", reason: "IPAllocated", message }];
}

function refusalEvents(key: string, service: Service, result: Ours): readonly AllocationEvent[] {
  const { assignment, refusal, ineligible, isMet } = summaryOf(result);
  if (refusal === null) return [];
  const said = service.status?.conditions?.find(({ type }) => type === addressAssigned);
  const wanted = serviceCondition(result);
  if (said?.status === wanted.status && said.reason === wanted.reason && said.message === wanted.message) return [];
  if (isMet && assignment !== null) {
    const why = refusalText(refusal, ineligible);
    const families = new Set(assignment.addresses.map(familyOf));
    const missing = families.size === 1 ? "in PreferDualStack" : "of each family";
    return [
      { type: "Normal", reason: "AdditionalAssignFailed", message: `cannot assign additional IP ${missing}: ${why}` },
    ];
  }
  const why = allocationText(result);
  const warning = (reason: string, message: string): readonly AllocationEvent[] => [
    { type: "Warning", reason, message },
  ];
  const failed = `Failed to allocate IP for "${key}": ${why}`;
  if (refusal.code === "NotEnoughClusterIPs") return warning("not enough clusterips", failed);
  if (refusal.code === "BadClusterIPs") return warning("noclusterIPsIPFamily", failed);
  if (assignment === null) return warning("AllocationFailed", failed);
  const asked = result.type === "Decided" && result.demand.requested.length > 0;
  return warning("LoadBalancerFailed", asked ? `invalid requested loadbalancer IPs: ${why}` : failed);
}

function liveAddresses(service: Service): readonly string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}

function heldAddresses(result: Ours): readonly string[] {
  return summaryOf(result).assignment?.addresses ?? [];
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}

/** The addresses as MetalLB prints a list. */
function quoted(addresses: readonly string[]): string {
  return `[${addresses.map((address) => `"${address}"`).join(" ")}]`;
}
