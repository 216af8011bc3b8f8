/** The images as they are shipped: built on a local base, run as the manifests say, with the rights that the manifests give. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  buildTopology,
  endpointSliceManifests,
  HERALD_NAMESPACE,
  kubectlPath,
  type LabNode,
  type Manifest,
  type RealApiServer,
  Scope,
  startRealApiServer,
  type Topology,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { labAssets } from "./assets.ts";
import { type App, ImageStore, type Processor } from "./images/image-store.ts";
import { NodeAgent, type RunningContainer, type VolumeFiles } from "./images/node-agent.ts";
import type { PodSpec } from "./images/pod-container.ts";

const root = resolve(import.meta.dirname, "../..");
const APPS: readonly App[] = ["controller", "speaker"];
/** The number of each processor in an ELF header, from elf.h. */
const MACHINES: Readonly<Record<Processor, number>> = { amd64: 62, arm64: 183 };
const HERE: Processor = process.arch === "arm64" ? "arm64" : "amd64";
const assets = labAssets();
const VIP = "192.0.2.200";

const lacking = ["buildah", "runc", "mmdebstrap", "arping"].filter((program) => spawnSync(program, ["--help"]).error);
if (lacking.length > 0) process.stderr.write(`skipped: the images need ${lacking.join(", ")}\n`);
const able = lacking.length === 0 && assets !== null;

/** The processor that an ELF file is for. */
function machineOf(file: string): number {
  const header = readFileSync(file).subarray(0, 20);
  expect(header.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
  return header.readUInt16LE(18);
}

describe.runIf(able || process.env["CI"] === "true")("the images", () => {
  const scope = new Scope();
  const store = new ImageStore(scope);
  const mounts = new Map<string, string>();
  const file = (app: App, processor: Processor, path: string): string =>
    join(mounts.get(`${app}-${processor}`) ?? "", path);

  beforeAll(async () => {
    for (const processor of ["amd64", "arm64"] as const) {
      await store.prepare(processor);
      for (const app of APPS) {
        await store.build(app, processor);
        mounts.set(`${app}-${processor}`, await store.mount(app, processor));
      }
    }
  });

  afterAll(() => scope.close());

  describe.each(["amd64", "arm64"] as const)("for %s", (processor) => {
    it.each(APPS)("%s: the image says so, and its Node is", async (app) => {
      expect((await store.config(app, processor)).architecture).toBe(processor);
      expect(machineOf(file(app, processor, "nodejs/bin/node"))).toBe(MACHINES[processor]);
      expect(statSync(file(app, processor, "app/main.js")).size).toBeGreaterThan(100_000);
    });

    it("speaker: koffi and its library lie beside the bundle", () => {
      const npmName = processor === "amd64" ? "x64" : "arm64";
      const library = `app/node_modules/@koromix/koffi-linux-${npmName}/linux_${npmName}/koffi.node`;
      expect(machineOf(file("speaker", processor, library))).toBe(MACHINES[processor]);
      expect(existsSync(file("speaker", processor, "app/node_modules/koffi/index.js"))).toBe(true);
      expect(existsSync(file("speaker", processor, "app/worker.js"))).toBe(true);
    });
  });

  it.each(APPS)("%s: built again it is the same image", async (app) => {
    expect(await store.build(app, HERE)).toBe(await store.build(app, HERE));
  });

  describe("run as the manifests say", () => {
    let topology: Topology;
    let server: RealApiServer;
    let node: LabNode;
    let agent: NodeAgent;
    const containers = new Map<App, RunningContainer>();
    const pods = new Map<App, PodSpec>();
    const volumes: Record<string, string> = {};

    const kubectl = (args: readonly string[], input?: string): Promise<string> =>
      topology.apiServer.namespace.run(kubectlPath(), ["--kubeconfig", server.kubeconfig, ...args], input);
    const apply = (...items: readonly Manifest[]): Promise<string> =>
      kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));

    const start = async (app: App, network: string, address: string): Promise<void> => {
      const pod = pods.get(app) as PodSpec;
      const container = await agent.start(pod, await store.config(app, HERE), {
        rootfs: mounts.get(`${app}-${HERE}`) ?? "",
        network,
        fields: {
          "metadata.namespace": HERALD_NAMESPACE,
          "metadata.name": `${app}-pod`,
          "spec.nodeName": node.name,
          "status.podIP": address,
        },
        volumes,
        serviceAccount: agent.volume(`token-${app}`, {
          token: server.tokens[app],
          "ca.crt": server.ca,
          namespace: HERALD_NAMESPACE,
        }),
        env: {
          KUBERNETES_SERVICE_HOST: new URL(server.url).hostname,
          KUBERNETES_SERVICE_PORT: new URL(server.url).port,
        },
      });
      containers.set(app, container);
      await agent.untilReady(pod, container, network, address);
    };

    beforeAll(async () => {
      topology = await buildTopology(scope);
      const { namespace, ipv4 } = topology.apiServer;
      node = topology.nodes[0] as LabNode;
      agent = new NodeAgent(scope);
      server = await startRealApiServer(scope, { assets: assets ?? "", bind: ipv4, namespace: namespace.name });
      await kubectl(["apply", "-k", join(root, "deploy")]);
      await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
      const rendered = await kubectl(["kustomize", join(root, "deploy/base")]);
      for (const document of parseAllDocuments(rendered)) {
        const object = document.toJS() as {
          readonly kind: string;
          readonly metadata: { readonly name: App };
          readonly spec: { readonly template: { readonly spec: PodSpec } };
        };
        if (object.kind === "Deployment" || object.kind === "DaemonSet")
          pods.set(object.metadata.name, object.spec.template.spec);
      }
      await apply(
        { apiVersion: "v1", kind: "Node", metadata: { name: node.name } },
        {
          apiVersion: "metallb.io/v1beta1",
          kind: "IPAddressPool",
          metadata: { name: "pool", namespace: HERALD_NAMESPACE },
          spec: { addresses: [`${VIP}/32`] },
        },
        {
          apiVersion: "metallb.io/v1beta1",
          kind: "L2Advertisement",
          metadata: { name: "everywhere", namespace: HERALD_NAMESPACE },
        },
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "web", namespace: "default" },
          spec: { type: "LoadBalancer", ports: [{ name: "http", port: 80 }] },
        },
        ...endpointSliceManifests({ namespace: "default", name: "web" }, { name: "http", port: 8080 }, [
          { node: node.name, pod: node.pod },
        ]),
      );
    });

    it("controller: becomes ready as user 65532 without any capability, and makes the ring's Secret", async () => {
      await start("controller", topology.apiServer.namespace.name, topology.apiServer.ipv4);
      const secret = await until("the Secret memberlist", async () =>
        decoded((await kubectl(["-n", HERALD_NAMESPACE, "get", "secret", "memberlist", "-o", "json"])) || "{}"),
      );
      expect(secret["secretkey"]).toMatch(/^[\w+/]{22}$/);
      const status = await (containers.get("controller") as RunningContainer).status();
      expect(status).toMatchObject({
        CapEff: "0000000000000000",
        CapBnd: "0000000000000000",
        NoNewPrivs: "1",
        Seccomp: "2",
      });
      expect(status["Uid"]?.split("\t")).toEqual(["65532", "65532", "65532", "65532"]);
      expect(await containers.get("controller")?.rootOptions()).toContain("ro");
      volumes["memberlist"] = agent.volume("memberlist", secret);
    });

    it("speaker: becomes ready as root that may do nothing but NET_RAW, and answers an ARP request", async () => {
      const excluded = JSON.parse(
        await kubectl(["-n", HERALD_NAMESPACE, "get", "cm", "metallb-excludel2", "-o", "json"]),
      );
      volumes["metallb-excludel2"] = agent.volume("metallb-excludel2", excluded.data as VolumeFiles);
      await start("speaker", node.namespace.name, node.ipv4);
      const status = await (containers.get("speaker") as RunningContainer).status();
      expect(status).toMatchObject({
        CapEff: "0000000000002000",
        CapBnd: "0000000000002000",
        NoNewPrivs: "1",
        Seccomp: "2",
      });
      expect(status["Uid"]?.split("\t")).toEqual(["0", "0", "0", "0"]);
      expect(await containers.get("speaker")?.rootOptions()).toContain("ro");
      await until("the Service to have its address", async () => {
        const path = "{.status.loadBalancer.ingress[0].ip}";
        return (await kubectl(["get", "service", "web", "-o", `jsonpath=${path}`])) === VIP;
      });
      const reply = await until("an answer by ARP", () =>
        topology.client.namespace.run("arping", ["-c", "1", "-w", "2", "-I", "eth0", VIP]),
      );
      expect(reply.toLowerCase()).toContain(node.mac);
    });

    it("neither was refused anything that it asked the API server for", async () => {
      const told = ["get", "servicel2statuses,configurationstates", "-n", HERALD_NAMESPACE, "-o", "name"];
      await until("the statuses that they write", async () => (await kubectl(told)).split("\n").length > 3);
      const asked = server.audit();
      const users = new Set(asked.map(({ user }) => user.username));
      for (const app of APPS) expect(users).toContain(`system:serviceaccount:${HERALD_NAMESPACE}:${app}`);
      const refused = asked.filter(({ responseStatus }) => responseStatus?.code === 403);
      expect(refused.map(({ user, verb, requestURI }) => `${user.username} ${verb} ${requestURI}`)).toEqual([]);
    });

    it.each(APPS)("%s: ends in order on SIGTERM", async (app) => {
      const { daemon } = containers.get(app) as RunningContainer;
      await daemon.stop("SIGTERM", 5_000);
      expect(await daemon.exited).toBe(0);
    });
  });
});

function decoded(secret: string): VolumeFiles {
  const { data } = JSON.parse(secret) as { readonly data: VolumeFiles };
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text, "base64").toString()]));
}
