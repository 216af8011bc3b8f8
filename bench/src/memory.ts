/** Measures the memory of controller and speaker by the number of Services on a real kube-apiserver, MetalLB's beside them. Needs root and Linux. */
import { parseArgs } from "node:util";
import type { Component } from "./daemons/cluster.ts";
import { type Contender, herald, metallb } from "./daemons/contender.ts";
import { runIsolated } from "./daemons/isolated-run.ts";
import { climb } from "./memory/ladder.ts";
import { printRow, printTitles } from "./memory/table.ts";
import { buildMetallb } from "./metallb-module.ts";

const { values } = parseArgs({
  options: {
    /** Measures MetalLB's daemons beside Herald's. */
    peer: { type: "boolean", default: false },
    /** The counts of Services, in rising order, with commas between. */
    counts: { type: "string", default: "0,1000,5000,20000" },
    /** The bundles, `apps/COMPONENT/bundle/main.js` by default. */
    controller: { type: "string" },
    speaker: { type: "string" },
    /** Further flags of Node for both daemons, with commas between. */
    node: { type: "string", default: "" },
  },
});

await runIsolated(
  () => {
    const binaries = (["controller", "speaker"] as const).flatMap((component) => {
      const binary = values.peer ? buildMetallb(component, `./${component}`) : null;
      return binary === null ? [] : [[component, binary] as const];
    });
    return Object.fromEntries(binaries);
  },
  async ({ assets, built, track }) => {
    const nodeFlags = values.node === "" ? [] : values.node.split(",");
    const components: readonly Component[] = ["controller", "speaker"];
    const pairs: (readonly Contender[])[] = [
      components.map((component) => herald(component, { bundle: values[component], nodeFlags })),
    ];
    const peers = components.flatMap((component) => {
      const binary = built[component];
      return binary === undefined ? [] : [metallb(component, binary)];
    });
    if (peers.length > 0) pairs.push(peers);
    const counts = values.counts.split(",").map(Number);
    printTitles();
    let failed = 0;
    for (const contenders of pairs) {
      await climb(assets, contenders, counts, track, printRow).catch((error: unknown) => {
        process.stdout.write(`${contenders[0]?.name}: ${error instanceof Error ? error.message : String(error)}\n`);
        failed++;
      });
    }
    return failed === 0 ? 0 : 1;
  },
);
