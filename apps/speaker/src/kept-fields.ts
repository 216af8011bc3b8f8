import { createSharedValues, createTransform, identityFields } from "@herald-lb/k8s-glue/client";
import { annotationPrefixes } from "@herald-lb/k8s-glue/metallb";
import type { Endpoint, EndpointSlice, KubernetesObject, Node, Pod, Service } from "@herald-lb/k8s-glue/objects";

/** The label of an EndpointSlice that names its Service. */
export const SERVICE_NAME = "kubernetes.io/service-name";

/** Reduces a Service to the fields by which the speaker announces it. */
export const announcedServiceTransform: (service: Service) => Service = createTransform<Service>(
  {
    apiVersion: "Shared",
    kind: "Shared",
    metadata: { ...identityFields, labels: "Kept", annotations: "Kept" },
    spec: {
      type: "Shared",
      clusterIP: "Dropped",
      clusterIPs: "Dropped",
      ipFamilies: "Dropped",
      ipFamilyPolicy: "Dropped",
      loadBalancerIP: "Dropped",
      loadBalancerClass: "Shared",
      externalTrafficPolicy: "Shared",
      selector: "Dropped",
      ports: "Dropped",
    },
    status: { loadBalancer: "Kept", conditions: "Dropped" },
  },
  { annotations: annotationPrefixes },
);

const sliceFields = createTransform<EndpointSlice>({
  apiVersion: "Shared",
  kind: "Shared",
  metadata: { ...identityFields, labels: "Kept" },
  addressType: "Shared",
  endpoints: "Kept",
});
const { share } = createSharedValues();
/** An announcement needs to know that an endpoint has an address, never which: the endpoints of a node differ in nothing else. */
const SOME_ADDRESS: readonly string[] = ["an address"];

/**
 * Makes a transform that reduces an EndpointSlice to the name of its Service and its endpoints; these to their node and conditions, each kind of
 * them once. Of the endpoints on `node` all are kept: their number may be the weight of a route.
 */
export function sliceTransform(node: string): (slice: EndpointSlice) => EndpointSlice {
  return (slice) => {
    const kept = sliceFields(slice);
    const service = slice.metadata?.labels?.[SERVICE_NAME];
    const labels = service === undefined ? {} : { [SERVICE_NAME]: service };
    const all = (kept.endpoints ?? []).map(endpointTransform);
    const own = all.filter(({ nodeName }) => nodeName === node);
    const others = new Set(all.filter(({ nodeName }) => nodeName !== node));
    return { ...kept, metadata: { ...kept.metadata, labels }, endpoints: share([...others, ...own]) };
  };
}

function endpointTransform({ addresses = [], nodeName, conditions = {} }: Endpoint): Endpoint {
  const { ready, serving, terminating } = conditions;
  return share({
    addresses: addresses.length === 0 ? [] : SOME_ADDRESS,
    ...(nodeName === undefined ? {} : { nodeName }),
    conditions: {
      ...(ready === undefined ? {} : { ready }),
      ...(serving === undefined ? {} : { serving }),
      ...(terminating === undefined ? {} : { terminating }),
    },
  });
}

/** Reduces a Node to its labels and conditions: its status lists every image on it. */
export const nodeTransform: (node: Node) => Node = createTransform<Node>({
  apiVersion: "Shared",
  kind: "Shared",
  metadata: { ...identityFields, labels: "Kept" },
  spec: "Kept",
  status: { conditions: { type: "Kept", status: "Kept" }, addresses: "Kept" },
});

/** Reduces a Pod of a speaker to its address. */
export const podTransform: (pod: Pod) => Pod = createTransform<Pod>({
  apiVersion: "Shared",
  kind: "Shared",
  metadata: identityFields,
  spec: "Dropped",
  status: { phase: "Kept", podIP: "Kept", podIPs: "Dropped" },
});

/** A ServiceL2Status or ServiceBGPStatus; all of its status is compared with the wanted one. */
interface ServiceStatus extends KubernetesObject {
  readonly status?: unknown;
}

/** Reduces the status of an announcement to the fields that the speakers write: all of one speaker have its Pod for an owner. */
export const serviceStatusTransform: (status: KubernetesObject) => KubernetesObject = createTransform<ServiceStatus>({
  apiVersion: "Shared",
  kind: "Shared",
  metadata: { ...identityFields, labels: "Kept", ownerReferences: "Shared" },
  status: "Kept",
});
