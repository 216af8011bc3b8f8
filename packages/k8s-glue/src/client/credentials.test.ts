import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCredentials } from "./credentials.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "herald-credentials-"));
});
afterEach(() => rm(directory, { recursive: true }));

const kubeconfig = (exec: string): string => `
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443/", insecure-skip-tls-verify: true}}]
users:
- {name: token, user: {token: secret}}
- {name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ${exec}, interactiveMode: Never}}}
contexts:
- {name: one, context: {cluster: c, user: token, namespace: n}}
- {name: two, context: {cluster: c, user: exec}}
`;

describe("loadCredentials", () => {
  it("reads a pod's service account, anew every time", async () => {
    await writeFile(join(directory, "ca.crt"), "CA");
    await writeFile(join(directory, "namespace"), "metallb-system\n");
    await writeFile(join(directory, "token"), "first\n");
    const env = { KUBERNETES_SERVICE_HOST: "2001:db8::1", KUBERNETES_SERVICE_PORT: "443" };
    const credentials = await loadCredentials({ env, serviceAccountDirectory: directory });
    expect(credentials.namespace).toBe("metallb-system");
    expect(await credentials.read(false)).toMatchObject({
      server: "https://[2001:db8::1]:443",
      ca: "CA",
      headers: { authorization: "Bearer first" },
    });
    await writeFile(join(directory, "token"), "second\n");
    expect(await credentials.read(false)).toMatchObject({ headers: { authorization: "Bearer second" } });
  });

  it("reads a kubeconfig's token, and another context's exec plugin", async () => {
    const plugin = join(directory, "plugin");
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "made" },
    };
    await writeFile(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 });
    const path = join(directory, "config");
    await writeFile(path, kubeconfig(plugin));
    const one = await loadCredentials({ kubeconfig: path, env: {} });
    expect(one.namespace).toBe("n");
    expect(await one.read(false)).toMatchObject({
      server: "https://192.0.2.1:6443",
      insecure: true,
      ca: null,
      headers: { authorization: "Bearer secret" },
    });
    const two = await loadCredentials({ context: "two", env: { KUBECONFIG: path } });
    expect(await two.read(false)).toMatchObject({ headers: { authorization: "Bearer made" } });
    await expect(loadCredentials({ kubeconfig: path, context: "three", env: {} })).rejects.toThrow("three");
  });

  it("says what was tried when there is nothing", async () => {
    await expect(loadCredentials({ env: { HOME: directory } })).rejects.toThrow("KUBECONFIG");
  });
});
