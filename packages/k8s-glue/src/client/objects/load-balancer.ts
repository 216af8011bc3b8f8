import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import type { Service } from "./objects.ts";

/** Whether a Service is this instance's by its loadBalancerClass: with no class configured, those without one; else exactly that class. */
export function isOurClass(service: Service, loadBalancerClass: string | null): boolean {
  return (service.spec?.loadBalancerClass ?? null) === loadBalancerClass;
}

/** The addresses that a Service's status holds, in its order; hostnames and what is no address are left out. */
export function recordedAddresses(service: Service): readonly IpAddress[] {
  const addresses: IpAddress[] = [];
  for (const { ip } of service.status?.loadBalancer?.ingress ?? []) {
    const address = ip === undefined ? null : parseIpAddress(ip);
    if (address?.ok === true && !addresses.includes(address.value)) addresses.push(address.value);
  }
  return addresses;
}
