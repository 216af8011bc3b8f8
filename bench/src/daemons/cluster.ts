import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HERALD_NAMESPACE, kubectlPath, type RealApiServer, run, type Scope, startRealApiServer } from "@herald-lb/lab";
import { Pool } from "undici";
import { CONNECTIONS, createObjects } from "./objects.ts";

/** An API server of its own for one scenario, with what an administrator would have installed. */
export interface BenchCluster {
  readonly api: RealApiServer;
  /** Eight connections as the administrator. */
  readonly admin: Pool;
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  /** The folders that the pods would find their token, CA and namespace in. */
  readonly accounts: Readonly<Record<Component, string>>;
  /** The folder with the key that a pod of a speaker mounts from the Secret `memberlist`. */
  readonly memberlistSecret: string;
  /** Adds Services `service-FROM` to `service-TO`, the last one left out, over eight connections; resolves when all are answered. */
  readonly createServices: (from: number, to: number) => Promise<void>;
  /** Creates one object for each index from `from` until before `to`, in the collection at this path, over eight connections. */
  readonly create: (path: string, from: number, to: number, manifest: (index: number) => object) => Promise<void>;
  /** Writes the pool `bench` with these ranges. */
  readonly setPool: (addresses: readonly string[]) => Promise<void>;
}

/** A daemon of either project. */
export type Component = "controller" | "speaker";

/** The namespace of the Services. */
export const NAMESPACE = "bench";
/** The names of the daemons' pods. */
export const POD: Readonly<Record<Component, string>> = { controller: "controller-0", speaker: "speaker-0" };
/** The Node that the speaker runs on. */
export const NODE_NAME = "node-0";
/** Its address; of a network for documentation, RFC 5737 §3. */
export const NODE_ADDRESS = "192.0.2.1";
/** The address of the API server in the bench's own network namespace. */
export const HOST = "127.0.0.1";
/** The port of the API server there. */
export const PORT = 6443;

const ROOT: string = resolve(import.meta.dirname, "../../..");

/** Starts etcd and kube-apiserver and installs CRDs and rights. */
export async function startCluster(scope: Scope, assets: string): Promise<BenchCluster> {
  const api = await startRealApiServer(scope, { assets, bind: HOST, port: PORT });
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    run(kubectlPath(), ["--kubeconfig", api.kubeconfig, ...args], input);
  await kubectl(["apply", "--server-side", "-f", join(ROOT, "deploy/crds")]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  for (const file of ["namespace", "controller-rbac", "speaker-rbac"])
    await kubectl(["apply", "--server-side", "-f", join(ROOT, `deploy/base/${file}.yaml`)]);
  await kubectl(["create", "namespace", NAMESPACE]);
  await kubectl(["apply", "-f", "-"], JSON.stringify(list([podManifest("controller"), podManifest("speaker")])));

  const admin = new Pool(api.url, { connections: CONNECTIONS, connect: { ca: api.ca } });
  scope.defer("the administrator's connections", () => admin.destroy());
  const create: BenchCluster["create"] = (path, from, to, manifest) =>
    createObjects(admin, api.tokens.admin, { path, from, to }, manifest);
  const createServices = (from: number, to: number): Promise<void> =>
    create(`/api/v1/namespaces/${NAMESPACE}/services`, from, to, serviceManifest);
  const setPool = async (addresses: readonly string[]): Promise<void> => {
    const pool = {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "bench", namespace: HERALD_NAMESPACE },
      spec: { addresses },
    };
    await kubectl(["apply", "-f", "-"], JSON.stringify(pool));
  };
  const accounts = { controller: writeAccount(scope, api, "controller"), speaker: writeAccount(scope, api, "speaker") };
  const memberlistSecret = join(scope.folder, "memberlist");
  mkdirSync(memberlistSecret);
  writeFileSync(join(memberlistSecret, "secretkey"), randomBytes(16).toString("base64"));
  return { api, admin, kubectl, accounts, memberlistSecret, create, createServices, setPool };
}

/** Writes the files of a service account as the kubelet mounts them. */
function writeAccount(scope: Scope, { tokens, ca }: RealApiServer, component: Component): string {
  const folder = join(scope.folder, `service-account-${component}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "token"), tokens[component]);
  writeFileSync(join(folder, "ca.crt"), ca);
  writeFileSync(join(folder, "namespace"), HERALD_NAMESPACE);
  return folder;
}

/** One document of several objects. */
export function list(items: readonly object[]): object {
  return { apiVersion: "v1", kind: "List", items };
}

/** The daemon's own pod, which MetalLB's asks for. */
function podManifest(component: Component): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: POD[component], namespace: HERALD_NAMESPACE, labels: { app: "metallb", component } },
    spec: { nodeName: NODE_NAME, containers: [{ name: component, image: component }] },
  };
}

/** Node ports are not asked for: there are 2,768 of them. */
function serviceManifest(index: number): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `service-${index}`, labels: { app: "web" } },
    spec: {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
      selector: { app: "web" },
    },
  };
}
