import type { EndpointSlice, KubernetesObject, Node, Service } from "@herald-lb/k8s-glue/objects";

/** An object of metallb.io. */
export function object(
  kind: string,
  name: string,
  spec: object = {},
  labels: Record<string, string> = {},
  version = "v1beta1",
): KubernetesObject {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, labels }, spec } as KubernetesObject;
}

/** The pool of every test. */
export const pool: KubernetesObject = object(
  "IPAddressPool",
  "p",
  { addresses: ["192.0.2.0/24", "2001:db8::/64"] },
  { tier: "gold" },
);

/** A BGPAdvertisement. */
export function bgp(name: string, spec: object = {}): KubernetesObject {
  return object("BGPAdvertisement", name, spec);
}

/** A Node with its host name as a label. */
export function node(name: string, labels: Record<string, string> = {}, networkUnavailable = false): Node {
  const conditions = [{ type: "NetworkUnavailable", status: networkUnavailable ? "True" : "False" }];
  return { metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, status: { conditions } };
}

/** The Service `default/web`, a load balancer with these addresses in its status. */
export function service(
  more: { ips?: string[]; annotations?: Record<string, string>; labels?: Record<string, string>; spec?: object } = {},
): Service {
  const { ips = ["192.0.2.10"], annotations = {}, labels = {}, spec = {} } = more;
  return {
    metadata: { name: "web", namespace: "default", annotations, labels },
    spec: { type: "LoadBalancer", ...spec },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

/** An EndpointSlice with an endpoint on each of these nodes. */
export function slice(...nodeNames: (string | undefined)[]): EndpointSlice {
  return {
    endpoints: nodeNames.map((nodeName) => ({
      addresses: ["10.0.0.1"],
      ...(nodeName === undefined ? {} : { nodeName }),
    })),
  };
}

/** The node selectors of these nodes. */
export function on(...names: string[]): object[] {
  return [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: names }] }];
}

/** The label of a node that takes no load balancers. */
export const exclude = "node.kubernetes.io/exclude-from-external-load-balancers";
