import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import {
  endpointSliceManifests,
  HERALD_NAMESPACE,
  type Manifest,
  nodeManifest,
  speakerPodManifest,
  webPodManifest,
} from "./manifests.ts";
import { type Daemon, run, type Scope } from "./scope.ts";
import type { LabNode, Topology } from "./topology.ts";
import { until } from "./until.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");
/** The node that the workspace pins. */
const NODE: string = join(ROOT, "node_modules/.bin/node");
/** The port of the workload's Pods. */
export const POD_PORT = 8080;

/** An API server as the cluster uses it: inside the namespace `apiServer` of the topology. */
export interface ClusterApi {
  /** A kubeconfig with the contexts `admin`, `controller` and `speaker`. */
  readonly kubeconfig: string;
  /** The kubectl to run. */
  readonly kubectl: string;
}

/** A cluster as far as Herald can tell: objects in an API server, pods that answer, daemons on the nodes. */
export class Cluster {
  readonly topology: Topology;
  readonly #scope: Scope;
  readonly #api: ClusterApi;
  readonly #secretFolder: string;
  #starts = 0;

  constructor(scope: Scope, topology: Topology, api: ClusterApi) {
    this.#scope = scope;
    this.topology = topology;
    this.#api = api;
    this.#secretFolder = join(scope.folder, "memberlist");
  }

  /** The kubeconfig of the administrator. */
  get kubeconfig(): string {
    return this.#api.kubeconfig;
  }

  /** Runs kubectl as the administrator, beside the API server. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    const { kubectl, kubeconfig } = this.#api;
    return this.topology.apiServer.namespace.run(kubectl, ["--kubeconfig", kubeconfig, ...args], input);
  }

  /** Starts `kubectl get svc -w` beside the API server: a line a change. */
  watchServices(): Daemon {
    const { kubectl, kubeconfig } = this.#api;
    return this.#scope.spawn({
      name: "kubectl-watch",
      namespace: this.topology.apiServer.namespace.name,
      command: kubectl,
      args: ["--kubeconfig", kubeconfig, "get", "svc", "-w", "--no-headers"],
    });
  }

  /** Applies objects, or text as a user's file holds it. */
  apply(manifests: readonly Manifest[] | string): Promise<string> {
    const text = typeof manifests === "string" ? manifests : documentsOf(manifests);
    return this.kubectl(["apply", "--server-side", "-f", "-"], text);
  }

  /** Sets the status of objects, which an apply leaves alone. */
  async applyStatus(manifests: readonly Manifest[]): Promise<void> {
    await this.kubectl(
      ["apply", "--server-side", "--subresource=status", "--force-conflicts", "-f", "-"],
      documentsOf(manifests),
    );
  }

  /** Installs what an administrator would: CRDs, namespace, rights; and what kubelets would say of the nodes and the speakers' pods. */
  async install(): Promise<void> {
    await this.kubectl(["apply", "--server-side", "-f", join(ROOT, "deploy/crds")]);
    await this.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
    for (const file of ["namespace", "controller-rbac", "speaker-rbac"])
      await this.kubectl(["apply", "--server-side", "-f", join(ROOT, `deploy/base/${file}.yaml`)]);
    const nodes = this.topology.nodes.map(nodeManifest);
    const pods = this.topology.nodes.map(speakerPodManifest);
    await this.apply([...nodes, ...pods]);
    await this.applyStatus([...nodes, ...pods]);
    await this.setMemberlistKey();
  }

  /** Puts a new key into the Secret `memberlist` and into the folder that every speaker reads at its start, as a mounted Secret would. */
  async setMemberlistKey(): Promise<void> {
    mkdirSync(this.#secretFolder, { recursive: true });
    const secretkey = randomBytes(16).toString("base64").replace(/=+$/, "");
    writeFileSync(join(this.#secretFolder, "secretkey"), secretkey);
    await this.apply([
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "memberlist", namespace: HERALD_NAMESPACE },
        stringData: { secretkey },
      },
    ]);
  }

  /** Starts a web server in every pod, and says so to the API server. */
  async startWorkload(labels: Readonly<Record<string, string>>): Promise<void> {
    for (const { pod } of this.topology.nodes) {
      this.#scope.spawn({
        name: pod.name,
        namespace: pod.namespace.name,
        command: NODE,
        args: [join(ROOT, "lab/src/pod-server.ts"), pod.name, String(POD_PORT)],
      });
    }
    const manifests = this.topology.nodes.map((node) => webPodManifest(node, labels));
    await this.apply(manifests);
    await this.applyStatus(manifests);
  }

  /** Puts pods behind a Service: all of them, or those of the nodes named. */
  async expose(
    service: { readonly namespace: string; readonly name: string },
    portName: string,
    nodes?: readonly string[],
  ): Promise<void> {
    const chosen = this.topology.nodes.filter(({ name }) => nodes?.includes(name) ?? true);
    const backends = chosen.map(({ name, pod }) => ({ node: name, pod }));
    await this.apply(endpointSliceManifests(service, { name: portName, port: POD_PORT }, backends));
  }

  /** Starts what keeps the EndpointSlices of Services with a selector, and stands in for kube-proxy on the nodes: on all unless told. */
  startForwarder(nodes: readonly LabNode[] = this.topology.nodes): Daemon {
    return this.#scope.spawn({
      name: "forwarder",
      namespace: this.topology.apiServer.namespace.name,
      command: NODE,
      args: [
        "--conditions=@herald-lb/source",
        join(ROOT, "lab/src/forwarder.ts"),
        this.kubeconfig,
        ...nodes.map(({ name, namespace }) => `${name}=${namespace.name}`),
      ],
    });
  }

  /** Starts a real kube-proxy on nodes, on all unless told: `binary` is its path. */
  startKubeProxy(binary: string, nodes: readonly LabNode[] = this.topology.nodes): readonly Daemon[] {
    return nodes.map(({ name, namespace }) =>
      this.#scope.spawn({
        name: `kube-proxy-${name}`,
        namespace: namespace.name,
        command: binary,
        args: [
          `--kubeconfig=${this.kubeconfig}`,
          `--hostname-override=${name}`,
          "--proxy-mode=nftables",
          // Limits of the whole machine are not a namespace's to set.
          "--conntrack-max-per-core=0",
          "--conntrack-tcp-timeout-established=0",
          "--conntrack-tcp-timeout-close-wait=0",
        ],
      }),
    );
  }

  /** Starts the controller beside the API server, with the rights of its service account. Its health is on port 17472 there. */
  startController(args: readonly string[] = []): Daemon {
    return this.#scope.spawn({
      name: `controller-${++this.#starts}`,
      namespace: this.topology.apiServer.namespace.name,
      command: join(ROOT, "bin/herald-controller"),
      args: ["--ml-secret-name=memberlist", ...args],
      env: this.#environment("controller"),
    });
  }

  /**
   * Starts a node's speaker with the rights of its service account, and with variables of its own in its environment. Its health is on port
   * 17472 of the node's loopback.
   */
  startSpeaker(node: LabNode, args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Daemon {
    return this.#scope.spawn({
      name: `speaker-${node.name}-${++this.#starts}`,
      namespace: node.namespace.name,
      command: join(ROOT, "bin/herald-speaker"),
      args: [
        `--ml-bindaddr=${node.ipv4}`,
        "--ml-labels=app=metallb,component=speaker",
        `--ml-secret-key-path=${this.#secretFolder}`,
        ...args,
      ],
      env: {
        ...this.#environment("speaker"),
        METALLB_NODE_NAME: node.name,
        METALLB_POD_NAME: `speaker-${node.name}`,
        ...variables,
      },
    });
  }

  /** Waits until a daemon says that it is ready. */
  async untilReady(daemon: Daemon, namespace: string): Promise<void> {
    await until(`${daemon.name} to be ready`, async () => {
      const answer = await run("ip", [
        "netns",
        "exec",
        namespace,
        "curl",
        "-s",
        "-m",
        "1",
        "http://127.0.0.1:17472/readyz",
      ]);
      return answer.endsWith("\nok\n");
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.output().slice(-2_000)}`);
    });
  }

  #environment(context: "controller" | "speaker"): Readonly<Record<string, string>> {
    return { KUBECONFIG: this.kubeconfig, HERALD_KUBE_CONTEXT: context, METALLB_NAMESPACE: HERALD_NAMESPACE };
  }
}

function documentsOf(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest)).join("---\n");
}
