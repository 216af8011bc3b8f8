/** A kind of object as the API server serves it: client-go's GroupVersionResource and GroupVersionKind. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths, `"services"`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The part of a path that names one object, or its subresource. */
export interface ObjectPath {
  /** Absent for objects of the whole cluster, and for collections over all namespaces. */
  readonly namespace?: string;
  readonly name: string;
  /** `"status"` writes the status alone. */
  readonly subresource?: "status" | "scale";
}

/** The `apiVersion` of a resource's objects: `"v1"`, `"metallb.io/v1beta1"`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The path of a collection, over all namespaces when none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${resource.plural}`;
}

/** The path of one object or of its subresource. */
export function objectPath(resource: Resource, ref: ObjectPath): string {
  const subresource = ref.subresource === undefined ? "" : `/${ref.subresource}`;
  return `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}${subresource}`;
}

function core(kind: string, plural: string, namespaced: boolean): Resource {
  return { group: "", version: "v1", kind, plural, namespaced };
}

/** core/v1 Service. */
export const SERVICES: Resource = core("Service", "services", true);
/** core/v1 Node. */
export const NODES: Resource = core("Node", "nodes", false);
/** core/v1 Pod. */
export const PODS: Resource = core("Pod", "pods", true);
/** core/v1 Namespace. */
export const NAMESPACES: Resource = core("Namespace", "namespaces", false);
/** core/v1 Secret. */
export const SECRETS: Resource = core("Secret", "secrets", true);
/** core/v1 ConfigMap. */
export const CONFIG_MAPS: Resource = core("ConfigMap", "configmaps", true);
/** core/v1 Event. */
export const EVENTS: Resource = core("Event", "events", true);
/** discovery.k8s.io/v1 EndpointSlice. */
export const ENDPOINT_SLICES: Resource = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  namespaced: true,
};
/** coordination.k8s.io/v1 Lease. */
export const LEASES: Resource = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};

/** A kind of MetalLB's group, `metallb.io`. */
export function metallbResource(version: "v1beta1" | "v1beta2", kind: string, plural: string): Resource {
  return { group: "metallb.io", version, kind, plural, namespaced: true };
}
