import type { Occurrence } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** The `involvedObject` of an Event on an object of `v1`. */
export function involvedObject(kind: "Service" | "Namespace", { metadata }: KubernetesObject): Occurrence["object"] {
  const { uid, namespace, name = "" } = metadata ?? {};
  return {
    apiVersion: "v1",
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}
