import type { Assignment } from "@herald-lb/allocator";
import type { Service } from "../objects.ts";
import { allocatedFromPool } from "../service/annotations.ts";

/** A JSON merge patch of a Service's status subresource. */
export interface ServicePatch {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly status?: { readonly loadBalancer: { readonly ingress: readonly { readonly ip: string }[] | null } };
}

/**
 * What to write so that a Service's status says what it holds; null when it says so already. A merge patch and not an apply: the
 * addresses of another controller, MetalLB's before a migration, must go as well, and fields of another manager survive an apply.
 */
export function servicePatch(service: Service, assignment: Assignment | null): ServicePatch | null {
  const wanted = (assignment?.addresses ?? []).map((ip) => ({ ip }));
  const live = service.status?.loadBalancer?.ingress ?? [];
  const sameStatus = live.length === wanted.length && wanted.every(({ ip }, index) => live[index]?.ip === ip);
  const pool = service.metadata?.annotations?.[allocatedFromPool] ?? null;
  const samePool = pool === (assignment?.pool ?? null);
  if (sameStatus && samePool) return null;
  return {
    metadata: {
      resourceVersion: service.metadata?.resourceVersion ?? "",
      ...(samePool ? {} : { annotations: { [allocatedFromPool]: assignment?.pool ?? null } }),
    },
    ...(sameStatus ? {} : { status: { loadBalancer: { ingress: wanted.length === 0 ? null : wanted } } }),
  };
}
