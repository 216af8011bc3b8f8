/** Kubernetes' objects as far as Herald reads them, their keys, selectors and resources. Pure. */
export type { Condition } from "./condition.ts";
export { parseGoDuration } from "./go-duration.ts";
export {
  anySelectorMatches,
  canonicalRequirement,
  canonicalSelector,
  type LabelSelector,
  type LabelSelectorRequirement,
  selectorError,
  selectorMatches,
} from "./label-selector.ts";
export { isReachable } from "./reachable-node.ts";
export { isOurClass, recordedAddresses } from "./load-balancer.ts";
export { byAge, keyOf, type ObjectKey, type ObjectRef, refOf, splitKey } from "./object-key.ts";
export type { KubernetesObject, ObjectMeta, OwnerReference } from "./object-meta.ts";
export type {
  ConfigMap,
  Endpoint,
  EndpointSlice,
  Lease,
  LoadBalancerIngress,
  Namespace,
  NamespaceLabels,
  Node,
  Pod,
  Secret,
  Service,
  ServicePort,
} from "./objects.ts";
export {
  apiVersionOf,
  collectionPath,
  CONFIG_MAPS,
  ENDPOINT_SLICES,
  EVENTS,
  LEASES,
  metallbResource,
  NAMESPACES,
  NODES,
  objectPath,
  type ObjectPath,
  PODS,
  type Resource,
  SECRETS,
  SERVICES,
} from "./resource.ts";
