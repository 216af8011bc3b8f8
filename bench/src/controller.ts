/** Measures the time until many Services have addresses on a real kube-apiserver, and the CPU and memory of the controller. Needs root and Linux. */
import { parseArgs } from "node:util";
import { type Row, stage } from "./controller/scenario.ts";
import { arriving, growing, waiting } from "./controller/scenarios.ts";
import { printRow, printTitles } from "./controller/table.ts";
import { herald, metallb } from "./daemons/contender.ts";
import { runIsolated } from "./daemons/isolated-run.ts";
import { buildMetallb } from "./metallb-module.ts";

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
  },
});

await runIsolated(
  () => {
    const binary = values.peer ? buildMetallb("controller", "./controller") : null;
    return binary === null ? {} : { controller: binary };
  },
  async ({ assets, built, track }) => {
    const nodeFlags = values.node === "" ? [] : values.node.split(",");
    const contenders = [herald("controller", { bundle: values.bundle, nodeFlags })];
    if (built["controller"] !== undefined) contenders.push(metallb("controller", built["controller"]));
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
        const rows: readonly Row[] = await stage(assets, contender, track, play).catch((error: unknown) => {
          process.stdout.write(`${contender.name}: ${error instanceof Error ? error.message : String(error)}\n`);
          failed++;
          return [];
        });
        rows.forEach(printRow);
      }
    }
    return failed === 0 ? 0 : 1;
  },
);
