import { allocatedFromPool, datedConditions, type WantedCondition } from "@herald-lb/k8s-glue/metallb";
import type { Condition, LoadBalancerIngress, Service } from "@herald-lb/k8s-glue/objects";
import { addressAssigned, addressConflict } from "../demand/ownership.ts";
import { type IpMode, serviceOptions } from "../demand/service-options.ts";
import { type AllocationResult, summaryOf } from "../ledger/allocation-result.ts";
import { conflictCondition } from "./conflict-condition.ts";
import { serviceCondition } from "./service-condition.ts";

/** An address as it is written into the status. */
export interface WrittenIngress {
  readonly ip: string;
  readonly ipMode: IpMode;
}

/** A JSON merge patch of a Service's status subresource. */
export interface ServicePatch {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress: readonly WrittenIngress[] | null };
    readonly conditions?: readonly Condition[] | null;
  };
}

/**
 * The patch by which a Service's status says what it holds and why; null when it says so already, and for a Service of another load
 * balancer. `now` is RFC 3339 text. It is a merge patch, not an apply: addresses of another controller, MetalLB's before a
 * migration, must be removed, and an apply keeps the fields of other managers. Conditions of other controllers stay as they were
 * read; the resource version guards that.
 */
export function servicePatch(service: Service, result: AllocationResult, now: string): ServicePatch | null {
  if (result.type === "NotOurs") return null;
  const assignment = result.type === "Released" ? null : summaryOf(result).assignment;
  const ipMode = assignment === null ? "VIP" : serviceOptions(service).options.ipMode;
  const ingress = (assignment?.addresses ?? []).map((ip) => ({ ip, ipMode }));
  const sameIngress = isSame(service.status?.loadBalancer?.ingress ?? [], ingress);

  const pool = service.metadata?.annotations?.[allocatedFromPool] ?? null;
  const samePool = pool === (assignment?.pool ?? null);

  const live = service.status?.conditions ?? [];
  const others = live.filter(({ type }) => !ownConditions.includes(type));
  const wanted = datedConditions(wantedConditions(result), service, now);
  const sameConditions = ownConditions.every((own) =>
    saysTheSame(
      live.find(({ type }) => type === own),
      wanted.find(({ type }) => type === own),
    ),
  );

  if (sameIngress && samePool && sameConditions) return null;
  const conditions = [...others, ...wanted];
  const status = {
    ...(sameIngress ? {} : { loadBalancer: { ingress: ingress.length === 0 ? null : ingress } }),
    ...(sameConditions ? {} : { conditions: conditions.length === 0 ? null : conditions }),
  };
  return {
    metadata: {
      resourceVersion: service.metadata?.resourceVersion ?? "",
      ...(samePool ? {} : { annotations: { [allocatedFromPool]: assignment?.pool ?? null } }),
    },
    ...(sameIngress && sameConditions ? {} : { status }),
  };
}

/** The types of the conditions that Herald writes on a Service. */
const ownConditions: readonly string[] = [addressAssigned, addressConflict];

function wantedConditions(result: Exclude<AllocationResult, { type: "NotOurs" }>): readonly WantedCondition[] {
  if (result.type === "Released") return [];
  const conflict = conflictCondition(result);
  return [serviceCondition(result), ...(conflict === null ? [] : [conflict])];
}

/** True if the ingress is as wanted. API servers before 1.29 drop the mode and later ones fill it in, so an absent mode means VIP. */
function isSame(live: readonly LoadBalancerIngress[], wanted: readonly WrittenIngress[]): boolean {
  if (live.length !== wanted.length) return false;
  return wanted.every(({ ip, ipMode }, at) => live[at]?.ip === ip && (live[at].ipMode ?? "VIP") === ipMode);
}

function saysTheSame(live: Condition | undefined, wanted: Condition | undefined): boolean {
  return live?.status === wanted?.status && live?.reason === wanted?.reason && live?.message === wanted?.message;
}
