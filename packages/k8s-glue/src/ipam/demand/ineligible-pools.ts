import type { PoolConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { NamespaceLabels, Service } from "@herald-lb/k8s-glue/objects";
import { permitsLabels, permitsNamespace } from "./eligible-pools.ts";

/** A pool that assigns a Service no address without a request, and the field of the pool that says so. */
export interface IneligiblePool {
  readonly pool: string;
  readonly because: "AutoAssignOff" | "OtherNamespaces" | "OtherServices";
}

/** The pools that assign a Service no address without a request. */
export function ineligiblePools(
  pools: readonly PoolConfiguration[],
  service: Service,
  namespaces: NamespaceLabels,
): readonly IneligiblePool[] {
  const { namespace = "", labels = {} } = service.metadata ?? {};
  return pools.flatMap(({ pool: { name: pool }, allocation, autoAssign }): readonly IneligiblePool[] => {
    if (!permitsNamespace(allocation, namespace, namespaces)) return [{ pool, because: "OtherNamespaces" }];
    if (!permitsLabels(allocation, labels)) return [{ pool, because: "OtherServices" }];
    return autoAssign ? [] : [{ pool, because: "AutoAssignOff" }];
  });
}
