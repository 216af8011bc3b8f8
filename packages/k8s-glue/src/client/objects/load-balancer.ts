import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import type { Service } from "./objects.ts";

/**
 * True if this instance serves a Service's loadBalancerClass: without a configured class, Services without one; else exactly that
 * class.
 */
export function isOurClass(service: Service, loadBalancerClass: string | null): boolean {
  return (service.spec?.loadBalancerClass ?? null) === loadBalancerClass;
}

/** The addresses in a Service's status, in its order, without hostnames and text that is no address. */
export function recordedAddresses(service: Service): readonly IpAddress[] {
  const addresses: IpAddress[] = [];
  for (const { ip } of service.status?.loadBalancer?.ingress ?? []) {
    const address = ip === undefined ? null : parseIpAddress(ip);
    if (address?.ok === true && !addresses.includes(address.value)) addresses.push(address.value);
  }
  return addresses;
}
