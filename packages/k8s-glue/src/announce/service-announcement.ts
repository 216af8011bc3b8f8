import type { ServiceBGPStatusStatus, ServiceL2StatusStatus, StatusApply } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, ObjectMeta, OwnerReference } from "@herald-lb/k8s-glue/objects";
import type { RouteReport } from "./route-report.ts";

/** A Service that a node announces, and where the status object of the announcement is. */
export interface AnnouncedService {
  /** Herald's own namespace. */
  readonly namespace: string;
  readonly node: string;
  readonly serviceNamespace: string;
  readonly serviceName: string;
  /** The speaker's pod; null outside one. */
  readonly owner: OwnerReference | null;
}

/** Another station that has an address, so that the node does not announce it on the interface. */
export interface AddressConflict {
  readonly address: string;
  readonly hardwareAddress: string;
  /** The name of the interface. */
  readonly interface: string;
}

/** The part of a ServiceL2Status that changes with the announcement. */
export interface L2AnnouncementFacts {
  readonly addresses: readonly string[];
  readonly interfaces: "all" | readonly string[];
  /** The way to this announcer: `reason` as the CRD names it, the announcer before, and the nodes that found that one dead. */
  readonly cause: {
    readonly reason: string;
    readonly previous: string | null;
    readonly detectedBy: readonly string[];
  };
  /** The nodes that serve, each for its part of the clients, this one among them; absent where this node alone announces. */
  readonly sharedBy?: readonly string[];
  /** The number of clients that this node serves; absent where it is not known, or this node serves all. */
  readonly clients?: number;
  /** None where absent. */
  readonly conflicts?: readonly AddressConflict[];
}

/** The ServiceL2Status of a node that answers for addresses of a Service. Interfaces are sorted; "all" is written as none. */
export function wantedServiceL2Status(
  announced: AnnouncedService,
  { addresses, interfaces, cause, clients, conflicts = [] }: L2AnnouncementFacts,
): StatusApply<ServiceL2StatusStatus> {
  const { node, serviceName, serviceNamespace } = announced;
  const named = interfaces === "all" ? [] : interfaces.toSorted().map((name) => ({ name }));
  return {
    ...statusObject("ServiceL2Status", "l2", announced),
    status: {
      node,
      serviceName,
      serviceNamespace,
      addresses,
      interfaces: named,
      reason: cause.reason,
      ...(cause.previous === null ? {} : { previousNode: cause.previous }),
      ...(clients === undefined ? {} : { clients }),
      ...(conflicts.length === 0 ? {} : { conflicts }),
      ...(cause.detectedBy.length === 0 ? {} : { detectedBy: cause.detectedBy.toSorted() }),
    },
  };
}

/** The ServiceBGPStatus of a node that announces a Service to peers, which are sorted. */
export function wantedServiceBGPStatus(
  announced: AnnouncedService,
  peers: readonly string[],
  report: RouteReport = {},
): StatusApply<ServiceBGPStatusStatus> {
  const { node, serviceName, serviceNamespace } = announced;
  return {
    ...statusObject("ServiceBGPStatus", "bgp", announced),
    status: { node, serviceName, serviceNamespace, peers: peers.toSorted(), ...report },
  };
}

/**
 * A status object for a Service on a node. Its name contains both: the API server lets neither change, so each node has an object
 * of its own. Dots separate parts that may contain dashes.
 */
function statusObject(
  kind: string,
  prefix: string,
  { namespace, node, serviceName, serviceNamespace, owner }: AnnouncedService,
): KubernetesObject & { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta } {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: {
      name: `${prefix}-${serviceNamespace}.${serviceName}.${node}`,
      namespace,
      labels: {
        "metallb.io/node": node,
        "metallb.io/service-name": serviceName,
        "metallb.io/service-namespace": serviceNamespace,
      },
      ...(owner === null ? {} : { ownerReferences: [owner] }),
    },
  };
}
