import { randomBytes } from "node:crypto";
import { type Logger, pause } from "@herald-lb/daemon";
import type { Transport } from "@herald-lb/k8s-glue/client";
import { collectionPath, type KubernetesObject, objectPath, SECRETS } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";

const DEPLOYMENTS = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
} as const;

/** The pause before the Secret is looked for again after a failure, in milliseconds. */
const PAUSE = 5_000;

/** The names that the Secret is looked for and made by. `deployment` owns it; empty for a Secret without an owner. */
export interface MemberlistSecretNames {
  readonly namespace: string;
  readonly secret: string;
  readonly deployment: string;
}

/**
 * Makes the Secret with memberlist's key where it is absent: 16 random octets in base64 without padding under `secretkey`, as MetalLB
 * does. A Secret that exists is left as it is. Tries until it has succeeded, or until `isWanted` answers false.
 */
export async function ensureMemberlistSecret(
  transport: Transport,
  clock: Clock,
  names: MemberlistSecretNames,
  log: Logger,
  isWanted: () => boolean,
): Promise<void> {
  while (isWanted() && !(await isEnsured(transport, names, log))) await pause(clock, PAUSE);
}

async function isEnsured(
  transport: Transport,
  { namespace, secret, deployment }: MemberlistSecretNames,
  log: Logger,
): Promise<boolean> {
  const found = await transport.request({ method: "GET", path: objectPath(SECRETS, { namespace, name: secret }) });
  if (found.ok || found.error.code !== "NotFound") {
    if (!found.ok) {
      const { code, message } = found.error;
      log.error({ secret, code, error: message }, "memberlist's Secret cannot be read, trying again");
    }
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
      metadata: { name: secret, namespace, ...(owner === null ? {} : { ownerReferences: [owner] }) },
      type: "Opaque",
      stringData: { secretkey },
    },
  });
  // Another replica made it first: its key serves as well.
  if (made.ok || made.error.code === "AlreadyExists") {
    log.info({ secret }, "memberlist's Secret exists");
    return true;
  }
  const { code, message } = made.error;
  log.error({ secret, code, error: message }, "memberlist's Secret cannot be made, trying again");
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
