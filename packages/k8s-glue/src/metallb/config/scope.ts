import { anySelectorMatches, type Node, type Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, isBuggyIpv4, rangeContains } from "@herald-lb/sansio";
import type { AdvertisementScope, Configuration, PoolConfiguration } from "./configuration.ts";

/** The pool that contains an address and may assign it; null for none. */
export function poolOfAddress(pools: readonly PoolConfiguration[], address: IpAddress): PoolConfiguration | null {
  return pools.find((pool) => holds(pool, address)) ?? null;
}

/** True if an advertisement selects a pool: by name, by the pool's labels, or because it names and selects none. */
export function advertisesPool({ pools }: AdvertisementScope, pool: PoolConfiguration): boolean {
  if (pools === null) return true;
  return pools.names.includes(pool.pool.name) || anySelectorMatches(pools.selectors, pool.labels);
}

/** True if the addresses of a pool that other stations have are replaced. Not where BGP announces them: there they work. */
export function replacesConflicting(
  pool: PoolConfiguration,
  { bgpAdvertisements }: Pick<Configuration, "bgpAdvertisements">,
): boolean {
  return pool.replacesConflicting && !bgpAdvertisements.some((advertisement) => advertisesPool(advertisement, pool));
}

/** True if an advertisement selects a Service by its labels. */
export function advertisesService({ serviceSelectors }: AdvertisementScope, service: Service): boolean {
  return serviceSelectors === null || anySelectorMatches(serviceSelectors, service.metadata?.labels ?? {});
}

/** True if an advertisement or a peer selects a node by its labels. */
export function selectsNode({ nodeSelectors }: Pick<AdvertisementScope, "nodeSelectors">, node: Node): boolean {
  return nodeSelectors === null || anySelectorMatches(nodeSelectors, node.metadata?.labels ?? {});
}

function holds({ pool }: PoolConfiguration, address: IpAddress): boolean {
  if (pool.avoidBuggyIPs && isBuggyIpv4(address)) return false;
  return pool.ranges.some((range) => rangeContains(range, address));
}
