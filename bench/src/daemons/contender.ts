import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Daemon, HERALD_NAMESPACE, type Scope, until } from "@herald-lb/lab";
import { request } from "undici";
import { type BenchCluster, type Component, HOST, NODE_ADDRESS, NODE_NAME, POD, PORT } from "./cluster.ts";

/** A daemon to be measured. */
export interface Contender {
  readonly name: "Herald" | "MetalLB";
  readonly component: Component;
  /** The program and its arguments, run as in its pod: its credentials are the files of a service account. */
  readonly command: readonly string[];
  /** The variables that its image sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Rights beyond those of `deploy/base`; null where these suffice. */
  readonly clusterRole: string | null;
}

/** The settings of Herald's daemons that a bench may vary. */
export interface HeraldOptions {
  /** The bundle, `apps/COMPONENT/bundle/main.js` by default. */
  readonly bundle?: string | undefined;
  /** Flags of Node behind those of the image. */
  readonly nodeFlags?: readonly string[];
}

/** Both daemons may run at once in the bench's network namespace. */
const HEALTH_PORTS: Readonly<Record<Component, number>> = { controller: 17472, speaker: 17474 };
const METRICS_PORTS: Readonly<Record<Component, number>> = { controller: 17473, speaker: 17475 };
const ROOT: string = resolve(import.meta.dirname, "../../..");
/** The node that the workspace pins: the launcher in node_modules/.bin is a shell script, whose pid would be another. */
const NODE: string = process.execPath;

/** A daemon of Herald as it ships: the bundle, with the flags that its image gives Node, and others behind them. */
export function herald(component: Component, { bundle, nodeFlags = [] }: HeraldOptions = {}): Contender {
  return {
    name: "Herald",
    component,
    environment: imageEnvironment(component),
    command: [
      NODE,
      ...imageFlags(component),
      ...nodeFlags,
      bundle === undefined ? resolve(ROOT, `apps/${component}/bundle/main.js`) : resolve(bundle),
      ...portFlags(component),
    ],
    clusterRole: null,
  };
}

/** The flags between Node and the bundle in the image's entry point. */
function imageFlags(component: Component): readonly string[] {
  const text = readFileSync(resolve(ROOT, `deploy/${component}.Dockerfile`), "utf8");
  const command = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? "[]") as readonly string[];
  return command.slice(1, -1);
}

/** The variables of the image; where programs lie is another matter here. */
function imageEnvironment(component: Component): Readonly<Record<string, string>> {
  const text = readFileSync(resolve(ROOT, `deploy/${component}.Dockerfile`), "utf8");
  const words = (/^ENV (.*)$/m.exec(text)?.[1] ?? "").split(" ");
  const pairs = words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => name !== "PATH"));
}

/** A daemon of MetalLB, the controller without its webhooks. It asks for more than Herald's rights give. */
export function metallb(component: Component, binary: string): Contender {
  const own = component === "controller" ? ["--webhook-mode=disabled", "--disable-cert-rotation"] : [];
  return {
    name: "MetalLB",
    component,
    environment: {},
    command: [binary, ...own, ...portFlags(component)],
    clusterRole: "cluster-admin",
  };
}

function portFlags(component: Component): readonly string[] {
  return [`--health-probe-port=${HEALTH_PORTS[component]}`, `--port=${METRICS_PORTS[component]}`];
}

/**
 * Starts it. A mount namespace of its own shows it the service account where a pod has it, so that nothing of a kubeconfig is in the
 * figures and nothing is left behind. The process id is the daemon's own.
 */
export function startContender(
  scope: Scope,
  cluster: BenchCluster,
  { component, command, environment }: Contender,
): Daemon {
  const inPod = [
    "mount -t tmpfs none /run",
    "mkdir -p /run/secrets/kubernetes.io",
    'ln -s "$0" /run/secrets/kubernetes.io/serviceaccount',
    "[ -e /var/run/secrets ] || exit 1",
    // A pod has none of the variables of this machine, some of which name further authorities.
    'exec env -i PATH="$PATH" "$@"',
  ].join(" && ");
  const variables: Readonly<Record<string, string>> = {
    ...environment,
    KUBERNETES_SERVICE_HOST: HOST,
    KUBERNETES_SERVICE_PORT: String(PORT),
    METALLB_NAMESPACE: HERALD_NAMESPACE,
    METALLB_POD_NAME: POD[component],
    ...(component === "speaker" ? speakerEnvironment(cluster) : {}),
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return scope.spawn({
    name: component,
    command: "unshare",
    args: ["--mount", "sh", "-c", inPod, cluster.accounts[component], ...assignments, ...command],
  });
}

/** The variables that the DaemonSet gives a speaker; `METALLB_BGP_TYPE` is for MetalLB's alone, without FRR beside it. */
function speakerEnvironment({ memberlistSecret }: BenchCluster): Readonly<Record<string, string>> {
  return {
    METALLB_NODE_NAME: NODE_NAME,
    METALLB_ML_BIND_ADDR: NODE_ADDRESS,
    METALLB_ML_LABELS: "app=metallb,component=speaker",
    METALLB_ML_SECRET_KEY_PATH: memberlistSecret,
    METALLB_BGP_TYPE: "native",
  };
}

/** Gives it the rights that it needs beyond Herald's. */
export async function permit({ kubectl }: BenchCluster, { component, clusterRole }: Contender): Promise<void> {
  if (clusterRole === null) return;
  const subject = `--serviceaccount=${HERALD_NAMESPACE}:${component}`;
  await kubectl(["create", "clusterrolebinding", `bench-${component}`, `--clusterrole=${clusterRole}`, subject]);
}

/** Waits until it says that it is ready; throws with what it printed when it ends before. */
export async function untilReady(daemon: Daemon, component: Component): Promise<void> {
  let ended: number | string | null = null;
  void daemon.exited.then((code) => {
    ended = code;
  });
  await until(
    `the ${component} to be ready`,
    async () => {
      if (ended !== null) throw new Error(`it ended: ${ended}\n${daemon.output().slice(-2_000)}`);
      const { statusCode, body } = await request(`http://127.0.0.1:${HEALTH_PORTS[component]}/readyz`);
      await body.dump();
      return statusCode === 200;
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
}
