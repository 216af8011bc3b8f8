import { type Configuration, type PoolConfiguration, poolOfAddress } from "@herald-lb/k8s-glue/metallb";
import { isOurClass, type Service } from "@herald-lb/k8s-glue/objects";
import { compareIpAddresses, err, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";

/** The reason why no node announces a Service, in MetalLB's words. */
export type ServiceReason =
  | "notLoadBalancer"
  | "loadBalancerClass"
  | "noIPAllocated"
  | "invalidIP"
  | "ipNotAllowed"
  | "noEndpoints"
  | "noMatchingAdvertisement"
  | "sharedIPWithServiceSelector";

/** The addresses of a Service that may be announced. */
export interface AnnouncedAddresses {
  /** IPv4 before IPv6; never empty, all of one pool. */
  readonly addresses: readonly IpAddress[];
  readonly pool: PoolConfiguration;
}

/** The addresses in a Service's status, if they may be announced. */
export function announcedAddresses(
  service: Service,
  configuration: Pick<Configuration, "pools">,
  loadBalancerClass: string | null,
): Result<AnnouncedAddresses, ServiceReason> {
  if (!isOurClass(service, loadBalancerClass)) return err("loadBalancerClass");
  if (service.spec?.type !== "LoadBalancer") return err("notLoadBalancer");
  const addresses: IpAddress[] = [];
  for (const { ip } of service.status?.loadBalancer?.ingress ?? []) {
    if (ip === undefined || ip === "") continue;
    const address = parseIpAddress(ip);
    if (!address.ok) return err("invalidIP");
    addresses.push(address.value);
  }
  addresses.sort(compareIpAddresses);
  const [first] = addresses;
  if (first === undefined) return err("noIPAllocated");
  const pool = poolOfAddress(configuration.pools, first);
  if (pool === null) return err("ipNotAllowed");
  // A pool may have lost a range with one of two addresses; the other one stays announced.
  const allowed = addresses.filter((address) => poolOfAddress(configuration.pools, address) === pool);
  return ok({ addresses: allowed, pool });
}
