import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HERALD_NAMESPACE, kubectlPath, type RealApiServer, run, type Scope, startRealApiServer } from "@herald-lb/lab";
import { Pool } from "undici";

/** An API server of its own for one scenario, with what an administrator would have installed. */
export interface BenchCluster {
  readonly api: RealApiServer;
  /** Eight connections as the administrator. */
  readonly admin: Pool;
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  /** The folder that a pod of the controller would find its token, CA and namespace in. */
  readonly account: string;
  /** Adds Services `service-FROM` to `service-TO`, the last one left out, over eight connections; resolves when all are answered. */
  readonly createServices: (from: number, to: number) => Promise<void>;
  /** Writes the pool `bench` with these ranges. */
  readonly setPool: (addresses: readonly string[]) => Promise<void>;
}

/** The namespace of the Services. */
export const NAMESPACE = "bench";
/** The name of the controller's pod. */
export const POD = "controller-0";
/** The address of the API server in the bench's own network namespace. */
export const HOST = "127.0.0.1";
/** The port of the API server there. */
export const PORT = 6443;

const ROOT: string = resolve(import.meta.dirname, "../../..");
const CONNECTIONS = 8;

/** Starts etcd and kube-apiserver and installs CRDs and rights. */
export async function startCluster(scope: Scope, assets: string): Promise<BenchCluster> {
  const api = await startRealApiServer(scope, { assets, bind: HOST, port: PORT });
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    run(kubectlPath(), ["--kubeconfig", api.kubeconfig, ...args], input);
  await kubectl(["apply", "--server-side", "-f", join(ROOT, "deploy/crds")]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  for (const file of ["namespace", "controller-rbac"])
    await kubectl(["apply", "--server-side", "-f", join(ROOT, `deploy/base/${file}.yaml`)]);
  await kubectl(["create", "namespace", NAMESPACE]);
  await kubectl(["apply", "-f", "-"], JSON.stringify(podManifest()));

  const account = join(scope.folder, "service-account");
  mkdirSync(account);
  writeFileSync(join(account, "token"), api.tokens.controller);
  writeFileSync(join(account, "ca.crt"), api.ca);
  writeFileSync(join(account, "namespace"), HERALD_NAMESPACE);

  const admin = new Pool(api.url, { connections: CONNECTIONS, connect: { ca: api.ca } });
  scope.defer("the administrator's connections", () => admin.destroy());
  const createServices = async (from: number, to: number): Promise<void> => {
    let next = from;
    const one = async (): Promise<void> => {
      for (let index = next++; index < to; index = next++) {
        const { statusCode, body } = await admin.request({
          method: "POST",
          path: `/api/v1/namespaces/${NAMESPACE}/services`,
          headers: { authorization: `Bearer ${api.tokens.admin}`, "content-type": "application/json" },
          body: JSON.stringify(serviceManifest(index)),
        });
        const text = await body.text();
        if (statusCode !== 201) throw new Error(`a Service could not be made: ${statusCode} ${text}`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
  };
  const setPool = async (addresses: readonly string[]): Promise<void> => {
    const pool = {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "bench", namespace: HERALD_NAMESPACE },
      spec: { addresses },
    };
    await kubectl(["apply", "-f", "-"], JSON.stringify(pool));
  };
  return { api, admin, kubectl, account, createServices, setPool };
}

/** The controller's own pod, which MetalLB's asks for. */
function podManifest(): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: POD, namespace: HERALD_NAMESPACE, labels: { app: "metallb", component: "controller" } },
    spec: { containers: [{ name: "controller", image: "controller" }] },
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
