import type { RequestOptions } from "node:https";
import { delimiter } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import type { CredentialMaterial, Credentials } from "./credential-material.ts";

/**
 * A kubeconfig, read by client-node: client certificates, tokens, token files, exec plugins and auth providers. `path` may be a list
 * as `KUBECONFIG` holds it. After a 401 the files are read anew and an exec plugin runs again.
 */
export async function loadKubeconfig(path: string, context?: string): Promise<Credentials> {
  const load = (): KubeConfig => {
    const [first, ...rest] = path.split(delimiter).filter((part) => part !== "");
    const config = new KubeConfig();
    config.loadFromFile(first ?? path);
    for (const part of rest) {
      const other = new KubeConfig();
      other.loadFromFile(part);
      config.mergeConfig(other, true);
    }
    if (context !== undefined) {
      if (config.getContextObject(context) === null) throw new Error(`no context "${context}" in ${path}`);
      config.setCurrentContext(context);
    }
    return config;
  };

  let config = load();
  const read = async (refused: boolean): Promise<CredentialMaterial> => {
    if (refused) config = load();
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error(`no cluster for context "${config.getCurrentContext()}" in ${path}`);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value !== undefined) headers[name.toLowerCase()] = String(value);
    }
    if (typeof options.auth === "string")
      headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    return {
      server: cluster.server.replace(/\/+$/, ""),
      ca: pem(options.ca),
      cert: pem(options.cert),
      key: pem(options.key),
      serverName: options.servername ?? null,
      insecure: options.rejectUnauthorized === false,
      headers,
    };
  };
  return { read, namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? null };
}

function pem(value: RequestOptions["ca"] | RequestOptions["key"]): string | null {
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("utf8") : null;
}
