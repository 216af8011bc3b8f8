import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HERALD_NAMESPACE } from "./manifests.ts";
import { type Daemon, run, type Scope } from "./scope.ts";
import { until } from "./until.ts";

/** Options of a real kube-apiserver with its etcd. */
export interface RealApiServerOptions {
  /** The folder that holds `kube-apiserver` and `etcd`. */
  readonly assets: string;
  /** The address to listen on; one of the namespace's own. */
  readonly bind: string;
  readonly port?: number;
  /** The network namespace to run in; the present one when left out. */
  readonly namespace?: string;
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
}

/** A real API server that runs until the scope closes. */
export interface RealApiServer {
  readonly url: string;
  /** Contexts `admin`, `controller` and `speaker` (the service accounts of `metallb-system`). */
  readonly kubeconfig: string;
  /** The bearer tokens of those three. */
  readonly tokens: Readonly<Record<"admin" | "controller" | "speaker", string>>;
  /** The certificate authority, PEM. */
  readonly ca: string;
  readonly apiServer: () => Daemon;
  readonly etcd: Daemon;
  /** Every request answered so far, as the audit log has it. */
  readonly audit: () => readonly AuditEntry[];
  /** Ends kube-apiserver as `signal` does and starts it anew on the same etcd; resolves when it is ready. */
  readonly restart: (signal?: NodeJS.Signals) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** One line of the audit log, as far as it is read. */
export interface AuditEntry {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

const SUBJECT_ALTERNATIVES = ["IP:127.0.0.1", "IP:::1", "DNS:localhost", "DNS:kubernetes.default.svc", "IP:10.96.0.1"];

/** Starts etcd and kube-apiserver, ready to be asked. The rights of the service accounts are those that RBAC objects give them. */
export async function startRealApiServer(scope: Scope, options: RealApiServerOptions): Promise<RealApiServer> {
  const { assets, bind, port = 6443, namespace } = options;
  const place = namespace === undefined ? {} : { namespace };
  const folder = join(scope.folder, `kube-${randomBytes(3).toString("hex")}`);
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const certificates = await makeCertificates(file, bind);
  const tokens = { admin: token(), controller: token(), speaker: token() };
  writeFileSync(file("tokens.csv"), tokenFile(tokens));
  writeFileSync(file("audit.yaml"), JSON.stringify(AUDIT_POLICY));

  const etcdPort = port + 1;
  const etcd = scope.spawn({
    ...place,
    name: "etcd",
    command: join(assets, "etcd"),
    args: etcdFlags(file("etcd"), etcdPort),
  });
  const startApiServer = (): Daemon =>
    scope.spawn({
      ...place,
      name: "kube-apiserver",
      command: join(assets, "kube-apiserver"),
      args: [...apiServerFlags(file, certificates, { etcdPort, bind, port }), ...(options.flags ?? [])],
    });
  let apiServer = startApiServer();
  const url = `https://${bind.includes(":") ? `[${bind}]` : bind}:${port}`;
  const kubeconfig = file("kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(url, certificates.ca, tokens)), { mode: 0o600 });
  const curl = ["-s", "-m", "2", "--cacert", certificates.ca, "-H", `Authorization: Bearer ${tokens.admin}`];
  const ask = [
    ...(namespace === undefined ? [] : ["ip", "netns", "exec", namespace]),
    "curl",
    ...curl,
    `${url}/readyz`,
  ];
  const untilReady = async (): Promise<void> => {
    const isReady = async (): Promise<boolean> => (await run(ask[0] ?? "", ask.slice(1))) === "ok";
    await until("kube-apiserver to be ready", isReady, { timeoutMs: 60_000, everyMs: 100 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${apiServer.output().slice(-2_000)}`);
    });
  };
  await untilReady();

  return {
    url,
    kubeconfig,
    tokens,
    ca: readFileSync(certificates.ca, "utf8"),
    apiServer: () => apiServer,
    etcd,
    audit: () =>
      readFileSync(file("audit.log"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as AuditEntry),
    async restart(signal = "SIGKILL") {
      await apiServer.stop(signal);
      apiServer = startApiServer();
      await untilReady();
    },
    async stop() {
      await apiServer.stop("SIGTERM");
      await etcd.stop("SIGTERM");
    },
  };
}

/** Every request is written to the audit log, with its metadata alone. */
const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [{ level: "Metadata" }],
};

/** The static tokens of an administrator and of the two service accounts, as kube-apiserver reads them. */
function tokenFile(tokens: RealApiServer["tokens"]): string {
  const accounts = (["controller", "speaker"] as const).map((name) => {
    const user = `system:serviceaccount:${HERALD_NAMESPACE}:${name}`;
    const groups = `system:serviceaccounts,system:serviceaccounts:${HERALD_NAMESPACE},system:authenticated`;
    return `${tokens[name]},${user},${name}-uid,"${groups}"\n`;
  });
  return [`${tokens.admin},admin,admin-uid,system:masters\n`, ...accounts].join("");
}

function etcdFlags(folder: string, port: number): readonly string[] {
  const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`];
  return [
    `--data-dir=${folder}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    "--unsafe-no-fsync",
  ];
}

function apiServerFlags(
  file: (name: string) => string,
  certificates: Certificates,
  { etcdPort, bind, port }: { readonly etcdPort: number; readonly bind: string; readonly port: number },
): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${bind}`,
    `--advertise-address=${bind}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${certificates.cert}`,
    `--tls-private-key-file=${certificates.key}`,
    `--client-ca-file=${certificates.ca}`,
    `--token-auth-file=${file("tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${certificates.accountKey}`,
    `--service-account-signing-key-file=${certificates.accountKey}`,
    "--api-audiences=https://kubernetes.default.svc",
    "--authorization-mode=Node,RBAC",
    "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112",
    "--disable-admission-plugins=ServiceAccount",
    "--allow-privileged=true",
    "--endpoint-reconciler-type=none",
    `--audit-policy-file=${file("audit.yaml")}`,
    `--audit-log-path=${file("audit.log")}`,
    "--v=1",
  ];
}

function token(): string {
  return randomBytes(16).toString("hex");
}

interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly accountKey: string;
}

async function makeCertificates(file: (name: string) => string, bind: string): Promise<Certificates> {
  const certificates = {
    ca: file("ca.crt"),
    cert: file("server.crt"),
    key: file("server.key"),
    accountKey: file("sa.key"),
  };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
  await run("openssl", ["genrsa", "-out", certificates.accountKey, "2048"]);
  await run("openssl", [
    "req",
    "-x509",
    ...curve,
    "-keyout",
    file("ca.key"),
    "-out",
    certificates.ca,
    "-subj",
    "/CN=herald-lab-ca",
  ]);
  await run("openssl", [
    "req",
    ...curve.slice(0, 5),
    "-keyout",
    certificates.key,
    "-out",
    file("server.csr"),
    "-subj",
    "/CN=kube-apiserver",
  ]);
  writeFileSync(
    file("server.ext"),
    `subjectAltName=${[...SUBJECT_ALTERNATIVES, `IP:${bind}`].join(",")}\nextendedKeyUsage=serverAuth\n`,
  );
  const sign = [
    "-CA",
    certificates.ca,
    "-CAkey",
    file("ca.key"),
    "-CAcreateserial",
    "-days",
    "30",
    "-extfile",
    file("server.ext"),
  ];
  await run("openssl", ["x509", "-req", "-in", file("server.csr"), "-out", certificates.cert, ...sign]);
  return certificates;
}

function kubeconfigOf(server: string, ca: string, tokens: RealApiServer["tokens"]): object {
  const names = ["admin", "controller", "speaker"] as const;
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    clusters: [{ name: "t", cluster: { server, "certificate-authority": ca } }],
    users: names.map((name) => ({ name, user: { token: tokens[name] } })),
    contexts: [
      { name: "admin", context: { cluster: "t", user: "admin", namespace: "default" } },
      ...names.slice(1).map((name) => ({ name, context: { cluster: "t", user: name } })),
    ],
  };
}
