import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { loadInCluster } from "./in-cluster.ts";

/** What a connection and a request need, as of one reading. Text is PEM. */
export interface CredentialMaterial {
  /** `https://192.0.2.1:6443`, without a slash at the end. */
  readonly server: string;
  /** Null trusts the system's authorities. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** The name that the server's certificate must bear; null is the host of `server`. */
  readonly serverName: string | null;
  readonly insecure: boolean;
  /** Headers for every request: Authorization, and impersonation where the kubeconfig asks for it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A source of credentials that may change while the process runs. */
export interface Credentials {
  /** Reads them anew. `refused` says that the server answered 401 to the last: caches must be bypassed. Rejects when they cannot be read. */
  readonly read: (refused: boolean) => Promise<CredentialMaterial>;
  /** The namespace of the pod or of the kubeconfig's context; null where neither says. */
  readonly namespace: string | null;
}

/** Where to look for credentials. */
export interface CredentialsOptions {
  /** The path of a kubeconfig; wins over everything else. */
  readonly kubeconfig?: string;
  /** The context in it; its current one by default. */
  readonly context?: string;
  /** The environment, `process.env` of the app. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod's service account is mounted; `/var/run/secrets/kubernetes.io/serviceaccount` by default. */
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
