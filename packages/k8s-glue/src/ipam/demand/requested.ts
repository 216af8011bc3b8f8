import { annotationOf } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { compareIpAddresses, err, familyOf, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import type { DemandRefusal } from "./demand-refusal.ts";

/** The addresses that a Service requests, IPv4 first, at most `perFamily` of each family; empty without a request. */
export function requestedAddresses(service: Service, perFamily: number): Result<readonly IpAddress[], DemandRefusal> {
  // Templates render a value that is not set as empty text: it requests nothing, as in MetalLB.
  const annotation = annotationOf(service, "loadBalancerIPs") || null;
  const loadBalancerIP = service.spec?.loadBalancerIP ?? "";
  if (annotation !== null && loadBalancerIP !== "") return err({ code: "RequestedTwice", annotation, loadBalancerIP });
  if (loadBalancerIP !== "") {
    const address = parseIpAddress(loadBalancerIP);
    if (address.ok) return ok([address.value]);
    return err({ code: "BadRequestedAddress", field: "spec.loadBalancerIP", text: loadBalancerIP });
  }
  if (annotation === null) return ok([]);
  const written: IpAddress[] = [];
  for (const text of annotation.split(",")) {
    const address = parseIpAddress(text.trim());
    if (!address.ok) return err({ code: "BadRequestedAddress", field: "annotation", text: annotation });
    written.push(address.value);
  }
  const addresses = written.toSorted(compareIpAddresses);
  if (addresses.length > 2 * perFamily) return err({ code: "TooManyRequestedAddresses", addresses, perFamily });
  for (const family of ["IPv4", "IPv6"] as const) {
    const count = addresses.filter((address) => familyOf(address) === family).length;
    if (count > perFamily) return err({ code: "RequestedSameFamily", addresses, perFamily });
  }
  return ok([...new Set(addresses)]);
}
