import { spawn } from "node:child_process";
import { kubeAssets, Namespace, removeStale, Scope } from "@herald-lb/lab";

/** The data of the process in the network namespace. */
export interface IsolatedRun {
  /** The folder that holds `kube-apiserver` and `etcd`; empty for a bench that does without them. */
  readonly assets: string;
  /** The name of the network namespace. */
  readonly namespace: string;
  /** The result of `prepare` outside: paths of the programs that were built. */
  readonly built: Readonly<Record<string, string>>;
  /** Has the scope closed when the bench ends, also after a signal or a failure. */
  readonly track: (scope: Scope) => void;
}

/** Tells the process in the namespace that it is there, and where everything is. */
const HANDED_OVER = "HERALD_BENCH_ISOLATED";

/**
 * Runs a bench in a network namespace of its own and ends the process with its exit code. No port of the machine is taken and nothing
 * outlives the bench. `prepare` runs outside, where registries are in reach; the bench is the same program started again inside. It may make
 * further namespaces there.
 */
export async function runIsolated(
  prepare: () => Readonly<Record<string, string>>,
  bench: (run: IsolatedRun) => Promise<number>,
  { realApiServer = true }: { readonly realApiServer?: boolean } = {},
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
  if (handedOver === undefined) return leave(await enterNamespace(prepare, track, realApiServer));
  const { assets, built, namespace } = JSON.parse(handedOver) as Omit<IsolatedRun, "track">;
  return leave(await bench({ assets, built, namespace, track }));
}

async function enterNamespace(
  prepare: () => Readonly<Record<string, string>>,
  track: (scope: Scope) => void,
  realApiServer: boolean,
): Promise<number> {
  await removeStale();
  const assets = realApiServer ? await kubeAssets() : "";
  if (typeof assets !== "string") {
    process.stdout.write(`not measured: ${assets.missing}\n`);
    return 0;
  }
  const built = prepare();
  const scope = new Scope();
  track(scope);
  // Namespaces that the bench made and could not remove, because it was killed.
  scope.defer("what the bench left", async () => void (await removeStale()));
  const namespace = await Namespace.create(scope, "bench");
  const handedOver = JSON.stringify({ assets, built, namespace: namespace.name });
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // Not `ip netns exec`, which gives the program mounts of its own: namespaces made there would be in nobody else's reach.
  const child = spawn("nsenter", [`--net=/run/netns/${namespace.name}`, ...self], {
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
