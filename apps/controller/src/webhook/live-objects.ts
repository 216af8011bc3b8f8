import { CONFIGURATION_KINDS } from "@herald-lb/daemon";
import type { ApiError, Transport } from "@herald-lb/k8s-glue/client";
import { apiVersionOf, collectionPath, type KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { ok, type Result } from "@herald-lb/sansio";

/** Lists all objects of these configuration kinds in a namespace, from the API server. `apiVersion` and `kind`, which items of a list may lack, are filled in. */
export async function listLiveObjects(
  transport: Pick<Transport, "request">,
  namespace: string,
  kinds: readonly string[],
): Promise<Result<readonly KubernetesObject[], ApiError>> {
  const lists = await Promise.all(
    CONFIGURATION_KINDS.filter(({ kind }) => kinds.includes(kind)).map(async (resource) => {
      const list = await transport.request<{ readonly items?: readonly KubernetesObject[] }>({
        method: "GET",
        path: collectionPath(resource, namespace),
        // The client that applies the object waits meanwhile.
        timeout: 5_000,
        retries: 1,
      });
      if (!list.ok) return list;
      const names = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      return ok((list.value.items ?? []).map((item) => ({ ...item, ...names })));
    }),
  );
  const objects: KubernetesObject[] = [];
  for (const list of lists) {
    if (!list.ok) return list;
    objects.push(...list.value);
  }
  return ok(objects);
}
