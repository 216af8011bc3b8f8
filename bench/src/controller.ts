/** Measures the time until many Services have addresses on a real kube-apiserver, and the CPU and memory of the controller. Needs root and Linux. */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { kubeAssets, Namespace, removeStale, Scope } from "@herald-lb/lab";
import { herald, metallb } from "./controller/contender.ts";
import { buildMetallb } from "./metallb-module.ts";
import { type Row, stage } from "./controller/scenario.ts";
import { arriving, growing, waiting } from "./controller/scenarios.ts";
import { printRow, printTitles } from "./controller/table.ts";

const { values } = parseArgs({
  options: {
    /** Measures MetalLB's own controller beside it. */
    peer: { type: "boolean", default: false },
    /** Only these scenarios, of `waiting`, `arriving` and `growing`, with commas between. */
    only: { type: "string", default: "waiting,arriving,growing" },
    waiting: { type: "string", default: "5000" },
    arriving: { type: "string", default: "1000" },
    growing: { type: "string", default: "10000" },
    /** The controller's bundle, `apps/controller/bundle/main.js` by default. */
    bundle: { type: "string" },
    /** Further flags of the controller's Node, with commas between. */
    node: { type: "string", default: "" },
    /** Set by the bench itself: this is the process in the network namespace, and here is what was built outside of it. */
    assets: { type: "string" },
    metallb: { type: "string" },
  },
});

const scopes = new Set<Scope>();
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

await leave(values.assets === undefined ? await outside() : await inside(values.assets));

/** Everything runs in a network namespace, so that no port of the machine is taken and nothing outlives the bench. */
async function outside(): Promise<number> {
  await removeStale();
  const assets = await kubeAssets();
  if (typeof assets !== "string") {
    process.stdout.write(`not measured: ${assets.missing}\n`);
    return 0;
  }
  const peer = values.peer ? buildMetallb("controller", "./controller") : null;
  const built = ["--assets", assets, ...(peer === null ? [] : ["--metallb", peer])];
  const scope = new Scope();
  scopes.add(scope);
  const namespace = await Namespace.create(scope, "bench");
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1), ...built];
  const child = spawn("ip", ["netns", "exec", namespace.name, ...self], { stdio: "inherit", detached: true });
  scope.defer("the bench inside", async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await new Promise((resolve) => void child.once("exit", resolve));
  });
  return new Promise((resolve) => void child.once("exit", (code) => resolve(code ?? 1)));
}

async function inside(assets: string): Promise<number> {
  const contenders = [herald(values.bundle, values.node === "" ? [] : values.node.split(","))];
  if (values.metallb !== undefined) contenders.push(metallb(values.metallb));
  const only = values.only.split(",");
  const scenarios = [
    waiting(Number(values.waiting)),
    arriving(Number(values.arriving)),
    growing(Number(values.growing)),
  ].filter(({ name }) => only.includes(name));
  printTitles();
  let failed = 0;
  for (const { play } of scenarios) {
    for (const contender of contenders) {
      const track = (scope: Scope): void => void scopes.add(scope);
      const rows: readonly Row[] = await stage(assets, contender, track, play).catch((error: unknown) => {
        process.stdout.write(`${contender.name}: ${error instanceof Error ? error.message : String(error)}\n`);
        failed++;
        return [];
      });
      rows.forEach(printRow);
    }
  }
  return failed === 0 ? 0 : 1;
}

async function leave(code: number): Promise<never> {
  for (const scope of scopes) await scope.close();
  process.exit(code);
}
