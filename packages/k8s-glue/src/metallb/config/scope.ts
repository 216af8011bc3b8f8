import { anySelectorMatches, type Node, type Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, isBuggyIpv4, rangeContains } from "@herald-lb/sansio";
import type { AdvertisementScope, PoolConfiguration } from "./configuration.ts";

/** The pool that an address lies in and may be announced from; null for none. */
export function poolOfAddress(pools: readonly PoolConfiguration[], address: IpAddress): PoolConfiguration | null {
  return pools.find((pool) => holds(pool, address)) ?? null;
}

/** Whether an advertisement is for a pool: by name, by the pool's labels, or because it names and selects none. */
export function advertisesPool({ pools }: AdvertisementScope, pool: PoolConfiguration): boolean {
  if (pools === null) return true;
  return pools.names.includes(pool.pool.name) || anySelectorMatches(pools.selectors, pool.labels);
}

/** Whether an advertisement is for a Service, by its labels. */
export function advertisesService({ serviceSelectors }: AdvertisementScope, service: Service): boolean {
  return serviceSelectors === null || anySelectorMatches(serviceSelectors, service.metadata?.labels ?? {});
}

/** Whether an advertisement, or a peer, is for a node, by its labels. */
export function selectsNode({ nodeSelectors }: Pick<AdvertisementScope, "nodeSelectors">, node: Node): boolean {
  return nodeSelectors === null || anySelectorMatches(nodeSelectors, node.metadata?.labels ?? {});
}

function holds({ pool }: PoolConfiguration, address: IpAddress): boolean {
  if (pool.avoidBuggyIPs && isBuggyIpv4(address)) return false;
  return pool.ranges.some((range) => rangeContains(range, address));
}
