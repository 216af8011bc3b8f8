import { join, resolve } from "node:path";
import { run, type Scope } from "./scope.ts";
import type { LabHost } from "./topology.ts";
import { until } from "./until.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");

/** Starts the embedded API server in a host's namespace and returns its kubeconfig, with the contexts `admin`, `controller` and `speaker`. */
export async function startEmbeddedApiServer(scope: Scope, host: LabHost): Promise<string> {
  const kubeconfig = join(scope.folder, "kubeconfig");
  const server = scope.spawn({
    name: "api-server",
    namespace: host.namespace.name,
    command: join(ROOT, "node_modules/.bin/node"),
    args: [join(ROOT, "lab/api-server/src/main.ts"), "--bind", host.ipv4, "--port", "6443", "--kubeconfig", kubeconfig],
  });
  await until("the API server to be ready", async () => {
    const args = [
      "netns",
      "exec",
      host.namespace.name,
      "curl",
      "-sk",
      "-m",
      "1",
      "-H",
      "Authorization: Bearer admin",
      `https://${host.ipv4}:6443/readyz`,
    ];
    return (await run("ip", args)).startsWith("ok");
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${server.output()}`);
  });
  return kubeconfig;
}
