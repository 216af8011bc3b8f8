import { createTransform, identityFields } from "@herald-lb/k8s-glue/client";
import { annotationPrefixes } from "@herald-lb/k8s-glue/metallb";
import type { Namespace, Service } from "@herald-lb/k8s-glue/objects";

/** Reduces a Service to the fields that the controller reads: those that say which addresses it asks for, and those that it writes. */
export const allocatedServiceTransform: (service: Service) => Service = createTransform<Service>(
  {
    apiVersion: "Shared",
    kind: "Shared",
    metadata: {
      ...identityFields,
      generation: "Kept",
      creationTimestamp: "Shared",
      labels: "Kept",
      annotations: "Kept",
    },
    spec: {
      type: "Shared",
      clusterIP: "Kept",
      clusterIPs: "Kept",
      ipFamilies: "Shared",
      ipFamilyPolicy: "Shared",
      loadBalancerIP: "Kept",
      loadBalancerClass: "Shared",
      externalTrafficPolicy: "Shared",
      selector: "Kept",
      ports: { name: "Dropped", protocol: "Kept", port: "Kept", nodePort: "Dropped" },
    },
    status: { loadBalancer: "Kept", conditions: "Kept" },
  },
  { annotations: annotationPrefixes },
);

/** Reduces a Namespace to its name, labels and the annotations that are read. */
export const namespaceTransform: (namespace: Namespace) => Namespace = createTransform<Namespace>(
  {
    apiVersion: "Shared",
    kind: "Shared",
    metadata: { ...identityFields, generation: "Kept", creationTimestamp: "Kept", labels: "Kept", annotations: "Kept" },
  },
  { annotations: annotationPrefixes },
);
