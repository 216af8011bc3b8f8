import type { EndpointSlice, Pod, Service } from "@herald-lb/k8s-glue/objects";

/** A Pod with what an EndpointSlice is made from. */
export interface BackingPod extends Pod {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
}

/** A Service with where its ports lead. */
export interface BackedService extends Service {
  readonly spec?: Omit<NonNullable<Service["spec"]>, "ports"> & {
    readonly ports?: readonly {
      readonly name?: string;
      readonly protocol?: string;
      readonly port: number;
      /** A number, or the name of a container's port; `port` where absent. */
      readonly targetPort?: number | string;
    }[];
  };
}

/** An EndpointSlice as it is applied. */
export interface WantedSlice extends EndpointSlice {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

/**
 * The EndpointSlices that the endpoint slice controller would keep for a Service: one a family of the Service, with the running pods
 * that its selector picks. None where it has no selector, because somebody else keeps them then.
 */
export function endpointSlicesOf(service: BackedService, pods: readonly BackingPod[]): readonly WantedSlice[] {
  const { name = "", namespace = "" } = service.metadata ?? {};
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length === 0) return [];
  const chosen = pods
    .filter(({ metadata, status }) => metadata?.namespace === namespace && status?.phase === "Running")
    .filter(({ metadata }) => selector.every(([label, value]) => metadata?.labels?.[label] === value))
    .sort((left, right) => ((left.metadata?.name ?? "") < (right.metadata?.name ?? "") ? -1 : 1));
  const ports = (service.spec?.ports ?? []).flatMap(
    ({ name: port = "", protocol = "TCP", port: own, targetPort = own }) => {
      const number = typeof targetPort === "number" ? targetPort : numberOf(targetPort, chosen);
      return number === undefined ? [] : [{ name: port, port: number, protocol }];
    },
  );
  return (service.spec?.ipFamilies ?? []).map((addressType) => ({
    metadata: {
      name: `${name}-${addressType.toLowerCase()}`,
      namespace,
      labels: { "kubernetes.io/service-name": name },
    },
    addressType,
    ports,
    endpoints: chosen.flatMap(({ spec, status }) =>
      (status?.podIPs ?? [])
        .filter(({ ip }) => ip.includes(":") === (addressType === "IPv6"))
        .map(({ ip }) => ({
          addresses: [ip],
          ...(spec?.nodeName === undefined ? {} : { nodeName: spec.nodeName }),
          conditions: { ready: true, serving: true, terminating: false },
        })),
    ),
  }));
}

function numberOf(portName: string, pods: readonly BackingPod[]): number | undefined {
  return pods
    .flatMap(({ spec }) => spec?.containers ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .find(({ name }) => name === portName)?.containerPort;
}
