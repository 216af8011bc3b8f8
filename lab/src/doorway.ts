import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { Scope } from "./scope.ts";
import type { LabHost } from "./topology.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
}

/**
 * Opens a way from this machine's loopback to the API server inside the lab, and returns a kubeconfig for it: what `--keep` leaves the
 * user to play with. It closes with the scope.
 */
export async function openDoorway(scope: Scope, host: LabHost, port: number, kubeconfig: string): Promise<string> {
  const path = join(scope.folder, "api.sock");
  scope.spawn({
    name: "relay",
    namespace: host.namespace.name,
    command: join(ROOT, "node_modules/.bin/node"),
    args: [join(ROOT, "lab/src/relay.ts"), path, host.ipv4, String(port)],
  });
  const server = createServer((near) => {
    const far = connect({ path });
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((done) => void server.listen({ host: "127.0.0.1", port: 0 }, done));
  scope.defer("the doorway", () => void server.close());
  const { port: near } = server.address() as AddressInfo;
  const inside = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const clusters = inside.clusters.map(({ name, cluster }) => ({
    name,
    cluster: { ...cluster, server: `https://127.0.0.1:${near}` },
  }));
  const outside = join(scope.folder, "kubeconfig-outside");
  writeFileSync(outside, stringify({ ...inside, clusters }), { mode: 0o600 });
  return outside;
}
