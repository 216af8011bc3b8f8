import type { LabNode, LabPod } from "./topology.ts";

/** Any Kubernetes object, as kubectl takes it. */
export type Manifest = Readonly<Record<string, unknown>>;

/** The namespace that MetalLB's manifests use. */
export const HERALD_NAMESPACE = "metallb-system";

/** A Node as a kubelet would register it. */
export function nodeManifest(node: LabNode): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux" } },
    status: {
      addresses: [
        { type: "InternalIP", address: node.ipv4 },
        { type: "Hostname", address: node.name },
      ],
      conditions: [{ type: "Ready", status: "True", reason: "LabIsUp" }],
    },
  };
}

/** The Pod of a node's speaker, as the DaemonSet's controller and the kubelet would have it: what other speakers find each other by. */
export function speakerPodManifest(node: LabNode): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `speaker-${node.name}`,
      namespace: HERALD_NAMESPACE,
      labels: { app: "metallb", component: "speaker" },
    },
    spec: { nodeName: node.name, hostNetwork: true, containers: [{ name: "speaker", image: "herald-speaker" }] },
    status: { phase: "Running", podIP: node.ipv4, podIPs: [{ ip: node.ipv4 }] },
  };
}

/** A pod of the workload, running. */
export function webPodManifest(node: LabNode, labels: Readonly<Record<string, string>>): Manifest {
  const { name, ipv4, ipv6 } = node.pod;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels },
    spec: {
      nodeName: node.name,
      containers: [{ name: "web", image: "web", ports: [{ name: "http", containerPort: 8080 }] }],
    },
    status: {
      phase: "Running",
      podIP: ipv4,
      podIPs: [{ ip: ipv4 }, { ip: ipv6 }],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** The EndpointSlices of a Service that the workload's pods stand behind: one a family, as the endpoint slice controller makes them. */
export function endpointSliceManifests(
  service: { readonly namespace: string; readonly name: string },
  port: { readonly name: string; readonly port: number },
  backends: readonly { readonly node: string; readonly pod: LabPod }[],
): readonly Manifest[] {
  return (["IPv4", "IPv6"] as const).map((addressType) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service.name}-${addressType.toLowerCase()}`,
      namespace: service.namespace,
      labels: { "kubernetes.io/service-name": service.name },
    },
    addressType,
    ports: [{ name: port.name, port: port.port, protocol: "TCP" }],
    endpoints: backends.map(({ node, pod }) => ({
      addresses: [addressType === "IPv4" ? pod.ipv4 : pod.ipv6],
      nodeName: node,
      conditions: { ready: true, serving: true, terminating: false },
    })),
  }));
}
