import type { FollowedCluster } from "@herald-lb/daemon";
import type { Informer, InvolvedObject } from "@herald-lb/k8s-glue/client";
import {
  ENDPOINT_SLICES,
  type EndpointSlice,
  type Node,
  NODES,
  type OwnerReference,
  type Pod,
  PODS,
  recordedAddresses,
  type Secret,
  SECRETS,
  type Service,
  SERVICES,
} from "@herald-lb/k8s-glue/objects";
import { nodeTransform, podTransform, SERVICE_NAME, announcedServiceTransform, sliceTransform } from "./kept-fields.ts";

/** The objects of the cluster that the speaker reads. */
export interface Caches {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly nodes: Informer<Node>;
  readonly secrets: Informer<Secret>;
  /** The speakers' Pods; null where the speakers form no memberlist cluster. */
  readonly pods: Informer<Pod> | null;
  readonly slicesOf: (service: string) => readonly EndpointSlice[];
  /** Other Services that hold one of this one's addresses, or one of those Services' addresses, and so on. */
  readonly sharersOf: (service: Service) => readonly Service[];
  readonly nodesByName: () => ReadonlyMap<string, Node>;
  readonly reference: (service: Service) => InvolvedObject;
  /** An owner reference to one of the speakers' Pods; null for an unknown one. */
  readonly podReference: (name: string) => OwnerReference | null;
}

/** The key of the Service that a slice belongs to; null where it names none. */
export function serviceOf(slice: EndpointSlice): string | null {
  const name = slice.metadata?.labels?.[SERVICE_NAME];
  return name === undefined ? null : `${slice.metadata?.namespace ?? ""}/${name}`;
}

/** Makes the informers of the speaker on `node`, which send no request before they are started. `podLabels` is the selector of the speakers' Pods, empty for none. */
export function createCaches(
  { follow }: Pick<FollowedCluster, "follow">,
  namespace: string,
  node: string,
  podLabels: string,
): Caches {
  const services = follow<Service>(SERVICES, {
    transform: announcedServiceTransform,
    indexers: { address: recordedAddresses },
  });
  const slices = follow<EndpointSlice>(ENDPOINT_SLICES, {
    transform: sliceTransform(node),
    indexers: { service: (slice) => [serviceOf(slice) ?? ""].filter((key) => key !== "") },
  });
  const nodes = follow<Node>(NODES, { transform: nodeTransform });
  const pods =
    podLabels === "" ? null : follow<Pod>(PODS, { namespace, labelSelector: podLabels, transform: podTransform });
  let byName: ReadonlyMap<string, Node> | null = null;
  const dropIndex = (): void => {
    byName = null;
  };
  nodes.addHandler({ onAdd: dropIndex, onUpdate: dropIndex, onDelete: dropIndex });
  return {
    services,
    slices,
    nodes,
    secrets: follow<Secret>(SECRETS, { namespace }),
    pods,
    slicesOf: (service) => slices.store.byIndex("service", service),
    sharersOf(service) {
      const found = new Map([[service.metadata?.uid, service]]);
      // A set is visited in the order of its entries, with those that are added meanwhile.
      const addresses = new Set(recordedAddresses(service));
      for (const address of addresses) {
        for (const other of services.store.byIndex("address", address)) {
          found.set(other.metadata?.uid, other);
          for (const more of recordedAddresses(other)) addresses.add(more);
        }
      }
      found.delete(service.metadata?.uid);
      return [...found.values()];
    },
    nodesByName: () => (byName ??= new Map(nodes.store.list().map((node) => [node.metadata?.name ?? "", node]))),
    reference: (service) => ({
      apiVersion: "v1",
      kind: "Service",
      ...(service.metadata?.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      name: service.metadata?.name ?? "",
      ...(service.metadata?.uid === undefined ? {} : { uid: service.metadata.uid }),
    }),
    podReference(name) {
      const uid = pods?.store.get(`${namespace}/${name}`)?.metadata?.uid;
      return uid === undefined ? null : { apiVersion: "v1", kind: "Pod", name, uid };
    },
  };
}
