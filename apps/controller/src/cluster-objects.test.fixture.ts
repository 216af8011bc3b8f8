import { type Configuration, readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";

/** A pool as a user writes it. */
export function pool(name: string, addresses: readonly string[], spec: object = {}): KubernetesObject {
  const object = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: "metallb-system", uid: `uid-${name}`, generation: 1 },
    spec: { addresses, ...spec },
  };
  return object;
}

/** A BGPPeer as a user writes it. */
export function bgpPeer(name: string, spec: object = {}): KubernetesObject {
  const object = {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name, namespace: "metallb-system", uid: `uid-${name}`, generation: 1 },
    spec: { myASN: 64_512, peerASN: 65_001, peerAddress: "192.0.2.1", ...spec },
  };
  return object;
}

/** A configuration of these objects alone. */
export function pools(...objects: readonly KubernetesObject[]): Configuration {
  return readConfiguration(objects);
}

/** The fields of a Service that a test sets. */
export interface ServiceFields {
  readonly ips?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  readonly type?: string;
  readonly class?: string;
  readonly version?: string;
  readonly created?: string;
}

/** A Service of one IPv4 family in the namespace `default`. */
export function service(name: string, fields: ServiceFields = {}): Service {
  return {
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      resourceVersion: fields.version ?? "1",
      creationTimestamp: fields.created ?? "2026-01-01T00:00:00Z",
      annotations: fields.annotations ?? {},
    },
    spec: {
      type: fields.type ?? "LoadBalancer",
      clusterIP: "10.96.0.1",
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: (fields.ports ?? [80]).map((port) => ({ port, protocol: "TCP" })),
      ...(fields.class === undefined ? {} : { loadBalancerClass: fields.class }),
    },
    status: { loadBalancer: { ingress: (fields.ips ?? []).map((ip) => ({ ip })) } },
  };
}
