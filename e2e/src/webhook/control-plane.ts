import { join, resolve } from "node:path";
import {
  type Daemon,
  HERALD_NAMESPACE,
  kubectlPath,
  type Manifest,
  Namespace,
  type RealApiServer,
  run,
  type Scope,
  startRealApiServer,
  until,
} from "@herald-lb/lab";

const root = resolve(import.meta.dirname, "../../..");

/** The answer to one request. */
export interface Answer {
  /** 0 where no answer came. */
  readonly status: number;
  readonly body: string;
}

/** A real API server with Herald's CRDs and rights on it, alone in a network namespace, and daemons beside it. */
export class ControlPlane {
  readonly #scope: Scope;
  readonly #network: Namespace;
  readonly api: RealApiServer;
  #starts = 0;

  private constructor(scope: Scope, network: Namespace, api: RealApiServer) {
    this.#scope = scope;
    this.#network = network;
    this.api = api;
  }

  /** Starts one, and applies to it the CRDs and a kustomization of `deploy/`. */
  static async start(scope: Scope, label: string, assets: string, kustomization = "base"): Promise<ControlPlane> {
    const network = await Namespace.create(scope, label);
    const api = await startRealApiServer(scope, { assets, bind: "127.0.0.1", namespace: network.name });
    const plane = new ControlPlane(scope, network, api);
    await plane.kubectl(["apply", "--server-side", "-f", join(root, "deploy/crds")]);
    await plane.kubectl(["apply", "-k", join(root, "deploy", kustomization)]);
    await plane.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
    return plane;
  }

  /** Runs kubectl as the administrator; throws with what it said when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return this.#network.run(kubectlPath(), ["--kubeconfig", this.api.kubeconfig, ...args], input);
  }

  /** The name of its network namespace. */
  get network(): string {
    return this.#network.name;
  }

  /** Runs kubectl to its end, and gives both of its streams. */
  kubectlAloud(args: readonly string[], input: string): Promise<string> {
    const command = [kubectlPath(), "--kubeconfig", this.api.kubeconfig, ...args].join(" ");
    return this.#network.run("sh", ["-c", `${command} 2>&1`], input);
  }

  /** Makes an object; throws with what the API server said against it. */
  create(object: Manifest, ...args: readonly string[]): Promise<string> {
    return this.kubectl(["create", "-f", "-", ...args], JSON.stringify(object));
  }

  /** Starts a daemon with the rights of its service account. */
  daemon(component: "controller" | "speaker", args: readonly string[]): Daemon {
    return this.#scope.spawn({
      name: `${component}-${++this.#starts}`,
      namespace: this.#network.name,
      command: join(root, `bin/herald-${component}`),
      args,
      env: {
        KUBECONFIG: this.api.kubeconfig,
        HERALD_KUBE_CONTEXT: component,
        METALLB_NAMESPACE: HERALD_NAMESPACE,
        METALLB_NODE_NAME: "node",
      },
    });
  }

  /** Waits until a daemon whose health is on this port says that it is ready, and gives what it said. */
  async untilReady(daemon: Daemon, port: number): Promise<string> {
    let said = "";
    await until(`${daemon.name} to be ready`, async () => {
      said = (await this.curl([`http://127.0.0.1:${port}/readyz`])).body;
      return said.endsWith("\nok\n");
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said}\n${daemon.output().slice(-2_000)}`);
    });
    return said;
  }

  /** Asks as curl does, without looking at who signed a certificate. */
  async curl(args: readonly string[], input?: string): Promise<Answer> {
    const command = ["netns", "exec", this.#network.name, "curl", "-sk", "-m", "5", "-w", "\n%{http_code}", ...args];
    const text = await run("ip", command, input).catch(() => "\n0");
    const end = text.lastIndexOf("\n");
    return { status: Number(text.slice(end + 1)), body: text.slice(0, end) };
  }

  /** Has the port of a Service lead to ports of this machine in turn, as kube-proxy would to its pods. */
  async forward(
    service: { readonly clusterIP: string; readonly port: number },
    ports: readonly number[],
  ): Promise<void> {
    const turns = ports.map((port, at) => `${at} : ${port}`).join(", ");
    await this.#network.ip("address", "replace", `${service.clusterIP}/32`, "dev", "lo");
    await this.#network.run(
      "nft",
      ["-f", "-"],
      `table ip service
       delete table ip service
       table ip service {
         chain output {
           type nat hook output priority -100;
           ip daddr ${service.clusterIP} tcp dport ${service.port} redirect to :numgen inc mod ${ports.length} map { ${turns} }
         }
       }
      `,
    );
  }

  /** The PEM of the certificate that a port serves. */
  async certificateOf(port: number): Promise<string> {
    const text = await this.#network.run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`], "");
    return /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text)?.[0] ?? "";
  }
}
