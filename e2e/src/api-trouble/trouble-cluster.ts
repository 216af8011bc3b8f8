import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ApiServer, createApiServer } from "@herald-lb/api-server";
import { type Daemon, HERALD_NAMESPACE, kubectlPath, run, type Scope, until } from "@herald-lb/lab";
import { Pool } from "undici";

const root = resolve(import.meta.dirname, "../../..");
/** The controller's user name, for failures that only the controller's requests meet. */
export const CONTROLLER: string = `system:serviceaccount:${HERALD_NAMESPACE}:controller`;

const CONFIGURATION = `
apiVersion: v1
kind: Namespace
metadata: {name: ${HERALD_NAMESPACE}}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: wide, namespace: ${HERALD_NAMESPACE}}
spec: {addresses: [198.18.0.0/16]}
`;

/** A Service as far as it is read. */
export interface SeenService {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
}

interface SeenEvent {
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly count: number;
}

/** The embedded API server with Herald's CRDs and one wide pool, and a controller that leads. */
export class TroubleCluster {
  readonly server: ApiServer;
  readonly #scope: Scope;
  readonly #admin: Pool;
  #controller: Daemon | null = null;
  #starts = 0;

  private constructor(scope: Scope, server: ApiServer, admin: Pool) {
    this.#scope = scope;
    this.server = server;
    this.#admin = admin;
  }

  static async start(scope: Scope): Promise<TroubleCluster> {
    const server = await createApiServer();
    scope.defer("the API server", () => server.close());
    const admin = new Pool(server.url, { connections: 8, connect: { ca: server.caPem } });
    scope.defer("the administrator's connections", () => admin.destroy());
    const cluster = new TroubleCluster(scope, server, admin);
    writeFileSync(cluster.#kubeconfig, server.kubeconfig("admin"));
    const apply = (from: string, input?: string): Promise<string> =>
      run(kubectlPath(), ["--kubeconfig", cluster.#kubeconfig, "apply", "--server-side", "-f", from], input);
    await apply(join(root, "deploy/crds"));
    await apply("-", CONFIGURATION);
    await cluster.startController();
    return cluster;
  }

  /** The newest part of the controller's output. */
  get said(): string {
    return this.#controller?.output().slice(-2_000) ?? "";
  }

  /** Starts a controller; resolves when it leads. */
  async startController(): Promise<void> {
    const controller = this.#scope.spawn({
      name: `controller-${++this.#starts}`,
      command: join(root, "bin/herald-controller"),
      args: ["--port=0", "--health-probe-host=127.0.0.1", "--health-probe-port=0"],
      env: { KUBECONFIG: this.#kubeconfig, HERALD_KUBE_CONTEXT: "controller", METALLB_NAMESPACE: HERALD_NAMESPACE },
    });
    this.#controller = controller;
    await until("the controller to lead", () => controller.output().includes('"msg":"leading"')).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.said}`);
      },
    );
  }

  /** Ends it in good order. */
  async stopController(): Promise<void> {
    await this.#controller?.stop();
  }

  /** Makes a namespace for Services. */
  async createNamespace(name: string): Promise<void> {
    await this.ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  /** Creates `count` Services, eight at a time. */
  async createServices(namespace: string, count: number): Promise<void> {
    let next = 0;
    const one = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        await this.ask("POST", `/api/v1/namespaces/${namespace}/services`, {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: `service-${index}` },
          spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
        });
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }

  async services(namespace: string): Promise<readonly SeenService[]> {
    return ((await this.ask("GET", `/api/v1/namespaces/${namespace}/services`)) as { items: SeenService[] }).items;
  }

  /** The number of Events with this reason, by Service. */
  async eventsAbout(namespace: string, wanted: string): Promise<ReadonlyMap<string, number>> {
    const answer = (await this.ask("GET", `/api/v1/namespaces/${namespace}/events`)) as { items: SeenEvent[] };
    const counts = new Map<string, number>();
    for (const { involvedObject, reason, count } of answer.items) {
      if (reason !== wanted) continue;
      counts.set(involvedObject.name, (counts.get(involvedObject.name) ?? 0) + count);
    }
    return counts;
  }

  /** The number of accepted writes of each Service's status, by the Service's name. */
  acceptedWrites(namespace: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { verb, resource, path, code, user } of this.server.requests.records) {
      if (verb !== "patch" || resource !== "services/status" || code !== 200 || user !== CONTROLLER) continue;
      const [, , , , where, , name = ""] = path.split("/");
      if (where === namespace) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }

  get #kubeconfig(): string {
    return join(this.#scope.folder, "kubeconfig");
  }

  /** Sends a request as the administrator; throws unless it is answered well. */
  async ask(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: object,
    type = "application/json",
  ): Promise<unknown> {
    const { statusCode, body: answer } = await this.#admin.request({
      method,
      path,
      headers: { authorization: "Bearer admin", "content-type": type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return JSON.parse(text);
  }
}
