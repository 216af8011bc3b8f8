import { ownPrefix } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";

/** The type of the condition that says whether a Service has the addresses it requests. */
export const addressAssigned: string = `${ownPrefix}LoadBalancerAddressAssigned`;

/** The type of the condition that a Service has while another station on the segment has one of its addresses. */
export const addressConflict: string = `${ownPrefix}LoadBalancerAddressConflict`;

/**
 * True if Herald has written a Service's status. The API server removes the class from a Service that changes its type, so the
 * class no longer tells to which load balancer it belonged.
 */
export function wasOurs(service: Service): boolean {
  return service.status?.conditions?.some(({ type }) => type === addressAssigned) === true;
}
