import { type Configuration, type PoolConfiguration, poolOfAddress } from "@herald-lb/k8s-glue/metallb";
import { isOurClass, type Service } from "@herald-lb/k8s-glue/objects";
import { compareIpAddresses, err, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";

/** Why a Service is announced by no node at all: MetalLB's words. */
export type ServiceReason =
  | "notLoadBalancer"
  | "loadBalancerClass"
  | "noIPAllocated"
  | "invalidIP"
  | "ipNotAllowed"
  | "noEndpoints"
  | "noMatchingAdvertisement"
  | "sharedIPWithServiceSelector";

/** What there is to announce for a Service. */
export interface AnnouncedAddresses {
  /** IPv4 before IPv6; never empty, all of one pool. */
  readonly addresses: readonly IpAddress[];
  readonly pool: PoolConfiguration;
}

/** The addresses in a Service's status, if it may be announced with them. */
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
  // The other half of a pair may lie where the pool was cut meanwhile: the half that is allowed stays on the air.
  const allowed = addresses.filter((address) => poolOfAddress(configuration.pools, address) === pool);
  return ok({ addresses: allowed, pool });
}
