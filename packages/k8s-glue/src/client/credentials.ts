import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Credentials } from "./credential-material.ts";
import { loadInCluster } from "./in-cluster.ts";

/** The places to look for credentials. */
export interface CredentialsOptions {
  /** The path of a kubeconfig; wins over everything else. */
  readonly kubeconfig?: string;
  /** The context in it; its current one by default. */
  readonly context?: string;
  /** The environment, `process.env` of the app. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory of a pod's service account; `/var/run/secrets/kubernetes.io/serviceaccount` by default. */
  readonly serviceAccountDirectory?: string;
}

/**
 * Finds credentials as client-go does: the kubeconfig that was named, else `KUBECONFIG`, else the pod's own service
 * account, else `~/.kube/config`. Rejects with a message that names what was tried when there is none. client-node is
 * loaded only for a kubeconfig: in a pod its 60 MB stay out of memory.
 */
export async function loadCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { env } = options;
  const named = options.kubeconfig ?? env["KUBECONFIG"];
  if (named !== undefined && named !== "") return fromKubeconfig(named, options.context);
  if (env["KUBERNETES_SERVICE_HOST"] !== undefined && env["KUBERNETES_SERVICE_HOST"] !== "") {
    return loadInCluster(env, options.serviceAccountDirectory);
  }
  const own = join(env["HOME"] ?? homedir(), ".kube", "config");
  if (existsSync(own)) return fromKubeconfig(own, options.context);
  throw new Error(
    `no credentials: neither a kubeconfig was named, nor KUBECONFIG and KUBERNETES_SERVICE_HOST set, nor ${own} there`,
  );
}

async function fromKubeconfig(path: string, context: string | undefined): Promise<Credentials> {
  const { loadKubeconfig } = await import("./kubeconfig.ts");
  return loadKubeconfig(path, context);
}
