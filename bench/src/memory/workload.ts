import { NAMESPACE, NODE_NAME } from "../daemons/cluster.ts";

/** The collections that the workload is created in. */
export const SERVICES_PATH: string = `/api/v1/namespaces/${NAMESPACE}/services`;
/** The collection of the EndpointSlices. */
export const SLICES_PATH: string = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;

const ENDPOINTS = 3;

/**
 * A Service as Helm installs one: labels, the annotation of `kubectl apply`, two ports. It names its cluster address, because a server that
 * looks for a free one among thousands takes minutes; it asks for no node ports, of which there are 2,768.
 */
export function serviceManifest(index: number): object {
  const name = `service-${index}`;
  const ports = [
    { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
    { name: "https", port: 443, targetPort: "https", protocol: "TCP" },
  ];
  const selector = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": name };
  const labels = { ...selector, "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "web-1.2.3" };
  const spec = {
    type: "LoadBalancer",
    clusterIP: `10.96.${16 + (index >> 8)}.${index & 255}`,
    allocateLoadBalancerNodePorts: false,
    ports,
    selector,
  };
  const applied = { apiVersion: "v1", kind: "Service", metadata: { name, namespace: NAMESPACE, labels }, spec };
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(applied) };
  return { apiVersion: "v1", kind: "Service", metadata: { name, labels, annotations }, spec };
}

/** The EndpointSlice of a Service as the endpoint slice controller writes it, with three ready endpoints. */
export function sliceManifest(index: number): object {
  const service = `service-${index}`;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service}-x7k2p`,
      generateName: `${service}-`,
      labels: {
        "kubernetes.io/service-name": service,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "app.kubernetes.io/name": "web",
        "app.kubernetes.io/instance": service,
      },
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
    },
    addressType: "IPv4",
    endpoints: Array.from({ length: ENDPOINTS }, (_, endpoint) => ({
      addresses: [`10.244.${(index * ENDPOINTS + endpoint) >> 8}.${(index * ENDPOINTS + endpoint) & 255}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: endpoint === 0 ? NODE_NAME : `node-${endpoint}`,
      targetRef: { kind: "Pod", namespace: NAMESPACE, name: `${service}-6d4cf56db6-${endpoint}abcd` },
    })),
    ports: [
      { name: "http", port: 8080, protocol: "TCP" },
      { name: "https", port: 8443, protocol: "TCP" },
    ],
  };
}
