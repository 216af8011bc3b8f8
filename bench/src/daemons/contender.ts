import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Daemon, HERALD_NAMESPACE, type Scope, until } from "@herald-lb/lab";
import { request } from "undici";
import { type BenchCluster, HOST, POD, PORT } from "./cluster.ts";

/** A controller to be measured. */
export interface Contender {
  readonly name: string;
  /** The program and its arguments, run as in its pod: its credentials are the files of a service account. */
  readonly command: readonly string[];
  /** Rights beyond those of `deploy/base`; null where these suffice. */
  readonly clusterRole: string | null;
}

const HEALTH_PORT = 17472;
const METRICS_PORT = 17473;
const ROOT: string = resolve(import.meta.dirname, "../../..");
/** The node that the workspace pins: the launcher in node_modules/.bin is a shell script, whose pid would be another. */
const NODE: string = process.execPath;

/** Herald's controller as it ships: the bundle, with the flags that its image gives Node, and others behind them. */
export function herald(bundle: string | undefined, nodeFlags: readonly string[]): Contender {
  return {
    name: "Herald",
    command: [
      NODE,
      ...imageFlags(),
      ...nodeFlags,
      bundle === undefined ? resolve(ROOT, "apps/controller/bundle/main.js") : resolve(bundle),
      `--health-probe-port=${HEALTH_PORT}`,
      `--port=${METRICS_PORT}`,
    ],
    clusterRole: null,
  };
}

/** The flags between Node and the bundle in the image's entry point. */
function imageFlags(): readonly string[] {
  const text = readFileSync(resolve(ROOT, "deploy/controller.Dockerfile"), "utf8");
  const command = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? "[]") as readonly string[];
  return command.slice(1, -1);
}

/** MetalLB's controller, without its webhooks. It asks for more than Herald's rights give. */
export function metallb(binary: string): Contender {
  return {
    name: "MetalLB",
    command: [
      binary,
      "--webhook-mode=disabled",
      "--disable-cert-rotation",
      `--health-probe-port=${HEALTH_PORT}`,
      `--port=${METRICS_PORT}`,
    ],
    clusterRole: "cluster-admin",
  };
}

/**
 * Starts it. A mount namespace of its own shows it the service account where a pod has it, so that nothing of a kubeconfig is in the
 * figures and nothing is left behind. The process id is the controller's own.
 */
export function startContender(scope: Scope, cluster: BenchCluster, contender: Contender): Daemon {
  const inPod = [
    "mount -t tmpfs none /run",
    "mkdir -p /run/secrets/kubernetes.io",
    'ln -s "$0" /run/secrets/kubernetes.io/serviceaccount',
    "[ -e /var/run/secrets ] || exit 1",
    'exec "$@"',
  ].join(" && ");
  return scope.spawn({
    name: "controller",
    command: "unshare",
    args: ["--mount", "sh", "-c", inPod, cluster.account, ...contender.command],
    env: {
      KUBERNETES_SERVICE_HOST: HOST,
      KUBERNETES_SERVICE_PORT: String(PORT),
      METALLB_NAMESPACE: HERALD_NAMESPACE,
      METALLB_POD_NAME: POD,
    },
  });
}

/** Gives it the rights that it needs beyond Herald's. */
export async function permit({ kubectl }: BenchCluster, { clusterRole }: Contender): Promise<void> {
  if (clusterRole === null) return;
  const subject = `--serviceaccount=${HERALD_NAMESPACE}:controller`;
  await kubectl(["create", "clusterrolebinding", "bench", `--clusterrole=${clusterRole}`, subject]);
}

/** Waits until it says that it is ready; throws with what it printed when it ends before. */
export async function untilReady(daemon: Daemon): Promise<void> {
  let ended: number | string | null = null;
  void daemon.exited.then((code) => {
    ended = code;
  });
  await until(
    "the controller to be ready",
    async () => {
      if (ended !== null) throw new Error(`it ended: ${ended}\n${daemon.output().slice(-2_000)}`);
      const { statusCode, body } = await request(`http://127.0.0.1:${HEALTH_PORT}/readyz`);
      await body.dump();
      return statusCode === 200;
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
}
