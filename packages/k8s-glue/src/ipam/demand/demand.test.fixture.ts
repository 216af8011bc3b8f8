import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";
import { demandOf } from "./demand.ts";
import { type AllocationPolicy, defaultAllocationPolicy } from "./policy.ts";

/** An IPAddressPool of one range. */
export function pool(name: string, address: string, more: object = {}): KubernetesObject {
  const spec = { addresses: [address], ...more };
  return { apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name }, spec } as KubernetesObject;
}

/** The fields of a Service that a test sets. */
export interface ServiceFields {
  readonly spec?: Service["spec"];
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly ingress?: { ip?: string; hostname?: string }[];
}

function service({ spec = {}, annotations = {}, labels = {}, ingress = [] }: ServiceFields): Service {
  return {
    metadata: { name: "web", namespace: "team-a", annotations, labels },
    spec: {
      type: "LoadBalancer",
      clusterIPs: ["10.96.0.1"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ port: 80 }, { port: 53, protocol: "UDP" }],
      ...spec,
    },
    status: { loadBalancer: { ingress } },
  };
}

/** Two pools that are for every Service. */
export const open: readonly KubernetesObject[] = [pool("b", "192.0.2.0/28"), pool("a", "198.51.100.0/28")];
const namespaces = new Map([["team-a", { team: "a" }]]);

/** The demand of a Service of the namespace `team-a`. */
export function read(
  fields: ServiceFields,
  pools: readonly KubernetesObject[] = open,
  lbClass: string | null = null,
  policy: Partial<AllocationPolicy> = {},
): ReturnType<typeof demandOf> {
  return demandOf(
    service(fields),
    { configuration: readConfiguration(pools), namespaces },
    { ...defaultAllocationPolicy, loadBalancerClass: lbClass, ...policy },
  );
}
