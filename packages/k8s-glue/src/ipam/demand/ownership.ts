import { ownPrefix } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";

/** Type of the condition that says whether a Service has the addresses it asks for. */
export const addressAssigned: string = `${ownPrefix}LoadBalancerAddressAssigned`;

/** The API server takes the class from a Service whose type has none, so that it does not say any more whose it was. */
export function wasOurs(service: Service): boolean {
  return service.status?.conditions?.some(({ type }) => type === addressAssigned) === true;
}
