import { randomBytes } from "node:crypto";
import type { Logger } from "@herald-lb/daemon";
import type { KubernetesObject } from "@herald-lb/k8s-glue";
import { collectionPath, objectPath, SECRETS, type Transport } from "@herald-lb/k8s-glue/client";

const DEPLOYMENTS = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
} as const;

/**
 * Makes the Secret with the ring's key where it is absent: 16 random octets in base64 without padding under `secretkey`, as MetalLB's,
 * owned by the controller's Deployment when that is named. One that is there is left alone, whatever it holds. False when it could not be
 * seen to.
 */
export async function ensureMemberlistSecret(
  transport: Transport,
  namespace: string,
  name: string,
  deployment: string,
  log: Logger,
): Promise<boolean> {
  const found = await transport.request({ method: "GET", path: objectPath(SECRETS, { namespace, name }) });
  if (found.ok || found.error.code !== "NotFound") {
    if (!found.ok) log.error({ secret: name, code: found.error.code }, "the ring's secret cannot be looked for");
    return found.ok;
  }
  const owner = deployment === "" ? null : await ownerOf(transport, namespace, deployment);
  const secretkey = randomBytes(16).toString("base64").replace(/=+$/, "");
  const made = await transport.request({
    method: "POST",
    path: collectionPath(SECRETS, namespace),
    body: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace, ...(owner === null ? {} : { ownerReferences: [owner] }) },
      type: "Opaque",
      stringData: { secretkey },
    },
  });
  // Another replica was quicker: its key serves as well.
  if (made.ok || made.error.code === "AlreadyExists") {
    log.info({ secret: name }, "the ring's secret is there");
    return true;
  }
  log.error({ secret: name, code: made.error.code, error: made.error.message }, "the ring's secret could not be made");
  return false;
}

async function ownerOf(transport: Transport, namespace: string, name: string): Promise<object | null> {
  const found = await transport.request<KubernetesObject>({
    method: "GET",
    path: objectPath(DEPLOYMENTS, { namespace, name }),
  });
  if (!found.ok) return null;
  return { apiVersion: "apps/v1", kind: "Deployment", name, uid: found.value.metadata?.uid ?? "" };
}
