import { spawn } from "node:child_process";
import { kubeAssets, Namespace, removeStale, Scope } from "@herald-lb/lab";

/** The data of the process in the network namespace. */
export interface IsolatedRun {
  /** The folder that holds `kube-apiserver` and `etcd`. */
  readonly assets: string;
  /** The result of `prepare` outside: paths of the programs that were built. */
  readonly built: Readonly<Record<string, string>>;
  /** Has the scope closed when the bench ends, also after a signal or a failure. */
  readonly track: (scope: Scope) => void;
}

/** Tells the process in the namespace that it is there, and where everything is. */
const HANDED_OVER = "HERALD_BENCH_ISOLATED";

/**
 * Runs a bench in a network namespace of its own and ends the process with its exit code. No port of the machine is taken and nothing
 * outlives the bench. `prepare` runs outside, where registries are in reach; the bench is the same program started again inside.
 */
export async function runIsolated(
  prepare: () => Readonly<Record<string, string>>,
  bench: (run: IsolatedRun) => Promise<number>,
): Promise<never> {
  const scopes = new Set<Scope>();
  const leave = async (code: number): Promise<never> => {
    for (const scope of scopes) await scope.close();
    process.exit(code);
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.on(signal, () => void leave(code));
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? String(error)}\n`);
    void leave(1);
  });
  const track = (scope: Scope): void => void scopes.add(scope);
  const handedOver = process.env[HANDED_OVER];
  if (handedOver === undefined) return leave(await enterNamespace(prepare, track));
  const { assets, built } = JSON.parse(handedOver) as Omit<IsolatedRun, "track">;
  return leave(await bench({ assets, built, track }));
}

async function enterNamespace(
  prepare: () => Readonly<Record<string, string>>,
  track: (scope: Scope) => void,
): Promise<number> {
  await removeStale();
  const assets = await kubeAssets();
  if (typeof assets !== "string") {
    process.stdout.write(`not measured: ${assets.missing}\n`);
    return 0;
  }
  const handedOver = JSON.stringify({ assets, built: prepare() });
  const scope = new Scope();
  track(scope);
  const namespace = await Namespace.create(scope, "bench");
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn("ip", ["netns", "exec", namespace.name, ...self], {
    stdio: "inherit",
    detached: true,
    env: { ...process.env, [HANDED_OVER]: handedOver },
  });
  scope.defer("the bench inside", async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await new Promise((resolve) => void child.once("exit", resolve));
  });
  return new Promise((resolve) => void child.once("exit", (code) => resolve(code ?? 1)));
}
