import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CredentialMaterial, Credentials } from "./credential-material.ts";

const mounted = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The pod's own service account: token, CA and namespace from the files that the kubelet mounts and rotates, the server
 * from `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. Files are read at every `read`.
 */
export async function loadInCluster(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = mounted,
): Promise<Credentials> {
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = env["KUBERNETES_SERVICE_PORT_HTTPS"] ?? env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;

  const read = async (): Promise<CredentialMaterial> => {
    const [token, ca] = await Promise.all([
      readFile(join(directory, "token"), "utf8"),
      readFile(join(directory, "ca.crt"), "utf8"),
    ]);
    return {
      server,
      ca,
      cert: null,
      key: null,
      serverName: null,
      insecure: false,
      headers: { authorization: `Bearer ${token.trim()}` },
    };
  };
  const namespace = await readFile(join(directory, "namespace"), "utf8").then(
    (text) => text.trim(),
    () => null,
  );
  return { read, namespace: namespace === "" ? null : namespace };
}
