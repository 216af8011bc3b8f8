import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";

/** The families of a Service's cluster IPs. */
export type Stack = "v4" | "v6" | "dual" | "dual-v6-first" | "none";

/** The fields of a Service that a test sets. */
export interface ServiceFields {
  readonly stack?: Stack;
  readonly policy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly (number | string)[];
  readonly created?: string;
  /** Fields of `spec` over the others. */
  readonly spec?: Service["spec"];
  /** The ingress of its status from the start; absent, the status stays as it is. */
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
}

const clusterIPs: Readonly<Record<Stack, readonly string[]>> = {
  v4: ["10.96.0.1"],
  v6: ["fd00:96::1"],
  dual: ["10.96.0.1", "fd00:96::1"],
  "dual-v6-first": ["fd00:96::1", "10.96.0.1"],
  none: [],
};

/** A Service of type LoadBalancer, in the namespace `default` unless its name has one before a slash. Ports are "80" or "53/UDP". */
export function loadBalancerService(name: string, fields: ServiceFields = {}): Service {
  const [namespace, bare] = name.includes("/") ? (name.split("/") as [string, string]) : ["default", name];
  const stack = fields.stack ?? "v4";
  const ips = clusterIPs[stack];
  const policy = fields.policy ?? (ips.length > 1 ? "PreferDualStack" : "SingleStack");
  return {
    metadata: {
      name: bare,
      namespace,
      uid: `uid-${namespace}-${bare}`,
      creationTimestamp: fields.created ?? "2026-01-01T00:00:00Z",
      annotations: fields.annotations ?? {},
      labels: fields.labels ?? {},
    },
    spec: {
      type: "LoadBalancer",
      ...(ips[0] === undefined ? {} : { clusterIP: ips[0] }),
      clusterIPs: ips,
      ipFamilies: ips.map((ip) => (ip.includes(":") ? "IPv6" : "IPv4")),
      ipFamilyPolicy: policy,
      ports: (fields.ports ?? [80]).map((each) => {
        const [port, protocol = "TCP"] = String(each).split("/");
        return { port: Number(port), protocol };
      }),
      ...fields.spec,
    },
    ...(fields.ingress === undefined ? {} : { status: { loadBalancer: { ingress: fields.ingress } } }),
  };
}

/** An IPAddressPool as a user writes it. */
export function pool(name: string, addresses: readonly string[], spec: object = {}): KubernetesObject {
  const object = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: "metallb-system", uid: `uid-${name}`, generation: 1 },
    spec: { addresses, ...spec },
  };
  return object;
}

/** An annotation that is MetalLB's. */
export function annotated(name: string, value: string): Readonly<Record<string, string>> {
  return { [`metallb.io/${name}`]: value };
}
