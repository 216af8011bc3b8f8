import type { Clock } from "@herald-lb/sansio";
import {
  type EndpointSlice,
  type KubernetesObject,
  type Node,
  type Pod,
  recordedAddresses,
  type Secret,
  type Service,
} from "@herald-lb/k8s-glue";
import {
  createInformer,
  ENDPOINT_SLICES,
  type Informer,
  type InformerOptions,
  type InvolvedObject,
  NODES,
  PODS,
  type Resource,
  SECRETS,
  SERVICES,
  type Transport,
} from "@herald-lb/k8s-glue/client";

/** What the speaker knows of the cluster. */
export interface Caches {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly nodes: Informer<Node>;
  readonly secrets: Informer<Secret>;
  /** The speakers' Pods; null where no ring is wanted. */
  readonly pods: Informer<Pod> | null;
  readonly slicesOf: (service: string) => readonly EndpointSlice[];
  /** Other Services that hold one of this one's addresses. */
  readonly sharersOf: (service: Service) => readonly Service[];
  readonly nodesByName: () => ReadonlyMap<string, Node>;
  readonly reference: (service: Service) => InvolvedObject;
}

const SERVICE_NAME = "kubernetes.io/service-name";

/** Which service a slice belongs to. */
export function serviceOf(slice: EndpointSlice): string | null {
  const name = slice.metadata?.labels?.[SERVICE_NAME];
  return name === undefined ? null : `${slice.metadata?.namespace ?? ""}/${name}`;
}

/** Makes the informers; nothing is asked before they are started. `podLabels` is the selector of the speakers' Pods, empty for none. */
export function createCaches(transport: Transport, clock: Clock, namespace: string, podLabels: string): Caches {
  const common = { transport, clock, random: Math.random };
  const follow = <T extends KubernetesObject>(
    resource: Resource,
    options: Partial<InformerOptions<T>> = {},
  ): Informer<T> => createInformer<T>({ ...common, resource, ...options });
  const services = follow<Service>(SERVICES, { indexers: { address: recordedAddresses } });
  const slices = follow<EndpointSlice>(ENDPOINT_SLICES, {
    indexers: { service: (slice) => [serviceOf(slice) ?? ""].filter((key) => key !== "") },
  });
  const nodes = follow<Node>(NODES);
  return {
    services,
    slices,
    nodes,
    secrets: follow<Secret>(SECRETS, { namespace }),
    pods: podLabels === "" ? null : follow<Pod>(PODS, { namespace, labelSelector: podLabels }),
    slicesOf: (service) => slices.store.byIndex("service", service),
    sharersOf(service) {
      const others = recordedAddresses(service).flatMap((address) => services.store.byIndex("address", address));
      return [...new Set(others)].filter((other) => other.metadata?.uid !== service.metadata?.uid);
    },
    nodesByName: () => new Map(nodes.store.list().map((node) => [node.metadata?.name ?? "", node])),
    reference: (service) => ({
      apiVersion: "v1",
      kind: "Service",
      ...(service.metadata?.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      name: service.metadata?.name ?? "",
      ...(service.metadata?.uid === undefined ? {} : { uid: service.metadata.uid }),
    }),
  };
}
