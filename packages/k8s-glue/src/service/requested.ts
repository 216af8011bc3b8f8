import { compareIpAddresses, err, familyOf, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import type { Service } from "../objects.ts";
import { annotationOf } from "./annotations.ts";
import type { DemandRefusal } from "./demand-refusal.ts";

/** The addresses a Service asks for by name, IPv4 first; none where any will do. */
export function requestedAddresses(service: Service): Result<readonly IpAddress[], DemandRefusal> {
  const annotation = annotationOf(service, "loadBalancerIPs");
  const loadBalancerIP = service.spec?.loadBalancerIP ?? "";
  if (annotation !== null && loadBalancerIP !== "") return err({ code: "RequestedTwice", annotation, loadBalancerIP });
  if (loadBalancerIP !== "") {
    const address = parseIpAddress(loadBalancerIP);
    if (address.ok) return ok([address.value]);
    return err({ code: "BadRequestedAddress", field: "spec.loadBalancerIP", text: loadBalancerIP });
  }
  if (annotation === null) return ok([]);
  const addresses: IpAddress[] = [];
  for (const text of annotation.split(",")) {
    const address = parseIpAddress(text.trim());
    if (!address.ok) return err({ code: "BadRequestedAddress", field: "annotation", text: annotation });
    addresses.push(address.value);
  }
  addresses.sort(compareIpAddresses);
  const [first, second] = addresses;
  if (addresses.length > 2) return err({ code: "TooManyRequestedAddresses", addresses });
  if (first !== undefined && second !== undefined && familyOf(first) === familyOf(second)) {
    return err({ code: "RequestedSameFamily", addresses });
  }
  return ok(addresses);
}
