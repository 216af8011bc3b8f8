import type { ApiRequest, Transport, WatchRequest } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { watchConfiguration } from "./configuration-watch.ts";
import { followCluster } from "./followed-cluster.ts";
import { createLog } from "./log.ts";

const namespace = "metallb-system";
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An API server that lists these objects by their plural, and sends what it is told to watchers. */
class Server implements Pick<Transport, "request" | "watch"> {
  readonly lists = new Map<string, readonly KubernetesObject[]>();
  readonly forbidden = new Set<string>();
  readonly selectors = new Map<string, unknown>();
  readonly #watchers = new Map<string, ReadableStreamDefaultController<Uint8Array>>();

  readonly request = <T>({ path, query }: ApiRequest) => {
    const plural = path.split("/").at(-1) ?? "";
    this.selectors.set(plural, query?.["fieldSelector"]);
    if (this.forbidden.has(plural)) {
      return Promise.resolve(
        err({ code: "Forbidden" as const, status: 403, reason: "", message: "no", retryAfter: null }),
      );
    }
    const items = this.lists.get(plural) ?? [];
    return Promise.resolve(ok({ metadata: { resourceVersion: "1" }, items } as T));
  };

  readonly watch = ({ path }: WatchRequest) => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => void this.#watchers.set(path.split("/").at(-1) ?? "", controller),
    });
    return Promise.resolve(ok(stream));
  };

  async send(plural: string, type: string, object: KubernetesObject): Promise<void> {
    this.#watchers.get(plural)?.enqueue(new TextEncoder().encode(`${JSON.stringify({ type, object })}\n`));
    for (let turns = 0; turns < 5; turns++) await turn();
  }
}

let version = 1;
const configMap = (
  data: Readonly<Record<string, string>>,
  uid = "u-1",
): KubernetesObject & { readonly data: object } => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "config", namespace, uid, resourceVersion: String(++version) },
  data,
});
const pool = (name: string, addresses: string): string =>
  `- {name: ${name}, protocol: layer2, addresses: [${addresses}]}\n`;
const one = `address-pools:\n${pool("a", "192.0.2.0/28")}`;
const two = `${one}${pool("b", "192.0.2.16/28")}`;

async function watched(server: Server) {
  const cluster = followCluster(server as unknown as Transport, createVirtualClock(), createLog("test", "none"));
  const configuration = watchConfiguration(cluster, namespace);
  let changes = 0;
  configuration.onChange(() => changes++);
  await cluster.start();
  const failures = (): readonly (string | null)[] => cluster.healthChecks.map(({ failure }) => failure());
  const pools = (): readonly string[] => configuration.current().pools.map(({ pool: each }) => each.name);
  return { configuration, pools, failures, changes: () => changes };
}

describe("watchConfiguration", () => {
  it("has the old ConfigMap in force, and nothing else that is called otherwise", async () => {
    const server = new Server();
    server.lists.set("configmaps", [configMap({ config: one })]);
    const { pools, configuration } = await watched(server);
    expect(server.selectors.get("configmaps")).toBe("metadata.name=config");
    expect(pools()).toEqual(["a"]);
    expect(configuration.current().objects).toMatchObject([{ kind: "ConfigMap", name: "config" }]);
    expect(configuration.object("ConfigMap", "config")).toMatchObject({ data: { config: one } });
  });

  it("follows what it says, and takes no other change for one", async () => {
    const server = new Server();
    server.lists.set("configmaps", [configMap({ config: one })]);
    const { pools, changes, configuration } = await watched(server);
    const before = configuration.current();
    const told = changes();
    await server.send("configmaps", "MODIFIED", { ...configMap({ config: one, other: "x" }) });
    expect(changes()).toBe(told);
    expect(configuration.current()).toBe(before);
    await server.send("configmaps", "MODIFIED", configMap({ config: two }));
    expect(changes()).toBe(told + 1);
    expect(pools()).toEqual(["a", "b"]);
    await server.send("configmaps", "MODIFIED", configMap({ config: `${two}: [` }));
    expect(pools()).toEqual(["a", "b"]);
    expect(configuration.current().issues).toMatchObject([{ object: { kind: "ConfigMap" }, path: "data.config" }]);
    await server.send("configmaps", "DELETED", configMap({ config: two }));
    expect(pools()).toEqual([]);
    expect(configuration.current().objects).toEqual([]);
  });

  it("holds nothing of a ConfigMap against another that takes its place", async () => {
    const server = new Server();
    server.lists.set("configmaps", [configMap({ config: two })]);
    const { pools } = await watched(server);
    await server.send("configmaps", "MODIFIED", configMap({ config: "address-pools: [" }, "u-2"));
    expect(pools()).toEqual([]);
  });

  it("takes a ConfigMap without the key for somebody else's, unless it had the key before", async () => {
    const server = new Server();
    server.lists.set("configmaps", [configMap({ other: "x" })]);
    const { pools, configuration } = await watched(server);
    expect(configuration.current()).toMatchObject({ objects: [], issues: [] });
    await server.send("configmaps", "MODIFIED", configMap({ config: one }));
    await server.send("configmaps", "MODIFIED", configMap({ other: "x" }));
    expect(pools()).toEqual(["a"]);
    expect(configuration.current().issues).toMatchObject([{ path: "data.config" }]);
  });

  it("goes on without it where the rights do not let it be read, as MetalLB's own manifests of today", async () => {
    const server = new Server();
    server.forbidden.add("configmaps");
    const { pools, failures } = await watched(server);
    expect(pools()).toEqual([]);
    expect(failures()).toEqual([null, null]);
  });

  it("does not go on without anything else", async () => {
    const server = new Server();
    server.forbidden.add("ipaddresspools");
    const cluster = followCluster(server as unknown as Transport, createVirtualClock(), createLog("test", "none"));
    watchConfiguration(cluster, namespace);
    const started = await Promise.race([
      cluster.start().then(() => true),
      turn()
        .then(turn)
        .then(() => false),
    ]);
    expect(started).toBe(false);
    expect(cluster.healthChecks.map(({ failure }) => failure())).toEqual([
      "not listed yet: ipaddresspools",
      "cannot follow: ipaddresspools",
    ]);
  });
});
