import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  HERALD_NAMESPACE,
  kubectlPath,
  Namespace,
  run,
  type Scope,
  startEmbeddedApiServer,
  startRealApiServer,
} from "@herald-lb/lab";
import { Pool } from "undici";
import { CONNECTIONS, createObjects } from "../daemons/objects.ts";
import { type BenchNetwork, type BenchNode, PLAN, poolAddress } from "./network.ts";

/** An API server with the nodes, the configuration and the Services of one run. */
export interface BenchCluster {
  readonly kubeconfig: string;
  /** The folder with the key that a speaker mounts from the Secret `memberlist`. */
  readonly memberlistSecret: string;
  /** The Services' addresses. */
  readonly addresses: readonly string[];
}

/** The parts of a run's cluster. */
export interface ClusterOptions {
  /** The bench's own namespace, where the API server runs. */
  readonly own: string;
  /** The folder of a real kube-apiserver; empty for the embedded one. */
  readonly assets: string;
  readonly network: BenchNetwork;
  readonly addresses: number;
}

const ROOT: string = resolve(import.meta.dirname, "../../..");
const NAMESPACE = "bench";

/** Starts the API server and writes everything into it that the speakers read. The bench stands in for the controller. */
export async function startCluster(
  scope: Scope,
  { own, assets, network: { api, nodes }, addresses: count }: ClusterOptions,
): Promise<BenchCluster> {
  const { kubeconfig, url, ca, token } = await startApiServer(scope, { own, assets, address: api });
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    run(kubectlPath(), ["--kubeconfig", kubeconfig, ...args], input);
  await kubectl(["apply", "--server-side", "-f", join(ROOT, "deploy/crds")]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  for (const file of ["namespace", "controller-rbac", "speaker-rbac"])
    await kubectl(["apply", "--server-side", "-f", join(ROOT, `deploy/base/${file}.yaml`)]);
  await kubectl(["create", "namespace", NAMESPACE]);
  const secretkey = randomBytes(16).toString("base64").replace(/=+$/, "");
  const documents = configuration(secretkey).map((document) => JSON.stringify(document));
  await kubectl(["apply", "--server-side", "-f", "-"], documents.join("\n---\n"));

  const admin = new Pool(url, { connections: CONNECTIONS, connect: { ca } });
  scope.defer("the administrator's connections", () => admin.destroy());
  const create = (path: string, to: number, manifest: (index: number) => object): Promise<void> =>
    createObjects(admin, token, { path, from: 0, to }, manifest);
  await create("/api/v1/nodes", nodes.length, (index) => nodeManifest(nodes[index] as BenchNode));
  await create(`/api/v1/namespaces/${HERALD_NAMESPACE}/pods`, nodes.length, (index) =>
    podManifest(nodes[index] as BenchNode),
  );
  await create(`/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`, count, (index) =>
    sliceManifest(index, nodes),
  );
  await create(`/api/v1/namespaces/${NAMESPACE}/services`, count, serviceManifest);

  const memberlistSecret = join(scope.folder, "memberlist");
  mkdirSync(memberlistSecret);
  writeFileSync(join(memberlistSecret, "secretkey"), secretkey);
  const addresses = Array.from({ length: count }, (_, index) => poolAddress(index));
  return { kubeconfig, memberlistSecret, addresses };
}

/** Starts the embedded API server, or a real one where there are assets. */
async function startApiServer(
  scope: Scope,
  { own, assets, address }: { readonly own: string; readonly assets: string; readonly address: string },
): Promise<{ readonly kubeconfig: string; readonly url: string; readonly ca: string; readonly token: string }> {
  if (assets !== "") {
    const { kubeconfig, url, ca, tokens } = await startRealApiServer(scope, { assets, bind: address });
    return { kubeconfig, url, ca, token: tokens.admin };
  }
  const kubeconfig = await startEmbeddedApiServer(scope, { namespace: new Namespace(own), ipv4: address, ipv6: "" });
  const authority = /certificate-authority-data: (\S+)/.exec(readFileSync(kubeconfig, "utf8"))?.[1] ?? "";
  const ca = Buffer.from(authority, "base64").toString("utf8");
  return { kubeconfig, url: `https://${address}:6443`, ca, token: "admin" };
}

/** The objects that an administrator would apply. */
function configuration(secretkey: string): readonly object[] {
  const own = (name: string): object => ({ name, namespace: HERALD_NAMESPACE });
  return [
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: own("bench"),
      spec: { addresses: [PLAN.pool] },
    },
    { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata: own("bench"), spec: {} },
    { apiVersion: "v1", kind: "Secret", metadata: own("memberlist"), stringData: { secretkey } },
  ];
}

/** A Node as its kubelet would register it. */
function nodeManifest({ name, address }: BenchNode): object {
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: {
      addresses: [{ type: "InternalIP", address }],
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
    },
  };
}

/** The Pod of a node's speaker, which the others find it by. */
function podManifest({ name, address }: BenchNode): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `speaker-${name}`,
      namespace: HERALD_NAMESPACE,
      labels: { app: "metallb", component: "speaker" },
    },
    spec: { nodeName: name, hostNetwork: true, containers: [{ name: "speaker", image: "speaker" }] },
    status: { phase: "Running", podIP: address, podIPs: [{ ip: address }] },
  };
}

function serviceManifest(index: number): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `service-${index}` },
    spec: {
      type: "LoadBalancer",
      // A server that looks for a free one among many takes long; of node ports there are 2,768.
      clusterIP: `10.96.${16 + (index >> 8)}.${index & 255}`,
      allocateLoadBalancerNodePorts: false,
      ports: [{ name: "echo", port: PLAN.echoPort, protocol: "UDP" }],
    },
    status: { loadBalancer: { ingress: [{ ip: poolAddress(index), ipMode: "VIP" }] } },
  };
}

/** An endpoint on every node, which stays ready when the node is lost: a run ends before Kubernetes would notice. */
function sliceManifest(index: number, nodes: readonly BenchNode[]): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `service-${index}-slice`,
      labels: { "kubernetes.io/service-name": `service-${index}` },
    },
    addressType: "IPv4",
    endpoints: nodes.map(({ name }, node) => ({
      addresses: [`10.244.${node}.2`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: name,
    })),
    ports: [{ name: "echo", port: PLAN.echoPort, protocol: "UDP" }],
  };
}
