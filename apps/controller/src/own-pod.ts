import type { Transport } from "@herald-lb/k8s-glue/client";
import { type KubernetesObject, objectPath, type OwnerReference, PODS } from "@herald-lb/k8s-glue/objects";

/** A reference to this controller's Pod, which owns the objects that report on it; null outside a Pod, or without the right to read it. */
export async function ownPod(transport: Transport, namespace: string, name: string): Promise<OwnerReference | null> {
  if (name === "") return null;
  const found = await transport.request<KubernetesObject>({
    method: "GET",
    path: objectPath(PODS, { namespace, name }),
  });
  const uid = found.ok ? found.value.metadata?.uid : undefined;
  return uid === undefined ? null : { apiVersion: "v1", kind: "Pod", name, uid };
}
