/** Measures how long a client goes without an answer when the announcing node is lost, MetalLB's speakers beside Herald's. Needs root and Linux. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Scope } from "@herald-lb/lab";
import { runIsolated } from "./daemons/isolated-run.ts";
import { clientLog } from "./failover/client-log.ts";
import { type Contender, heraldSpeakers, metallbSpeakers } from "./failover/contender.ts";
import { FAULTS } from "./failover/fault.ts";
import type { NodeNetwork } from "./failover/network.ts";
import { type RunResult, runOnce } from "./failover/run.ts";
import { Site } from "./failover/site.ts";
import { rowOf, titles } from "./failover/table.ts";
import { buildMetallb } from "./metallb-module.ts";

const { values } = parseArgs({
  options: {
    /** Measures MetalLB's speakers after Herald's. */
    peer: { type: "boolean", default: false },
    /** Leaves Herald's out. */
    "only-peer": { type: "boolean", default: false },
    /** Numbers of nodes, of addresses and the faults, with commas between; each is combined with each. */
    nodes: { type: "string", default: "3,10,30" },
    addresses: { type: "string", default: "1,100,1000" },
    faults: { type: "string", default: "sigkill,sigstop,power,link,sigterm" },
    runs: { type: "string", default: "30" },
    /** The network of the Nodes' addresses: `segment`, where the clients are, or `management`, where the API server is. */
    "node-network": { type: "string", default: "segment" },
    /** `embedded` or `real`: a kube-apiserver with its etcd. */
    "api-server": { type: "string", default: "embedded" },
    /** Further flags of Herald's speakers, with blanks between. */
    flags: { type: "string", default: "" },
    /** The speaker's bundle, `apps/speaker/bundle/main.js` by default. */
    bundle: { type: "string" },
    /** A takeover that takes longer is not waited for, in milliseconds. */
    deadline: { type: "string", default: "20000" },
    /** With the fault `none`: how long nothing happens, in seconds. */
    quiet: { type: "string", default: "60" },
    /** A folder for the clients' log of the first run of every row. */
    logs: { type: "string" },
  },
});

const numbersOf = (text: string): readonly number[] => text.split(",").map(Number);
const faults = values.faults.split(",").map((name) => {
  const fault = FAULTS.find((known) => known === name);
  if (fault === undefined) throw new Error(`no fault is named ${name}; there are ${FAULTS.join(", ")}`);
  return fault;
});
const nodeNetwork: NodeNetwork = values["node-network"] === "management" ? "management" : "segment";
const times = { deadline: Number(values.deadline), quiet: Number(values.quiet) * 1_000 };
let failed = 0;

await runIsolated(
  () => {
    const binary = values.peer || values["only-peer"] ? buildMetallb("speaker", "./speaker") : null;
    return binary === null ? {} : { speaker: binary };
  },
  async ({ assets, built, namespace, track }) => {
    const contenders: Contender[] = [];
    const flags = values.flags.split(" ").filter((flag) => flag !== "");
    if (!values["only-peer"]) contenders.push(heraldSpeakers({ bundle: values.bundle, flags }));
    if (built["speaker"] !== undefined) contenders.push(metallbSpeakers(built["speaker"]));
    process.stdout.write(titles());
    for (const nodes of numbersOf(values.nodes))
      for (const addresses of numbersOf(values.addresses))
        for (const contender of contenders)
          await measure(contender, { own: namespace, assets, nodes, addresses, nodeNetwork }, track).catch(
            (error: unknown) => report(`${contender.name}, ${nodes} nodes, ${addresses} addresses`, error),
          );
    return failed === 0 ? 0 : 1;
  },
  { realApiServer: values["api-server"] === "real" },
);

/** Builds a site for one contender and prints a row for each fault. */
async function measure(
  contender: Contender,
  options: Parameters<typeof Site.build>[2],
  track: (scope: Scope) => void,
): Promise<void> {
  await using scope = new Scope();
  track(scope);
  const site = await Site.build(scope, contender, options);
  for (const fault of faults) {
    const results: RunResult[] = [];
    try {
      while (results.length < Number(values.runs)) {
        const result = await runOnce(site, fault, times);
        if (results.length === 0)
          writeLog(site, `${contender.name}-${options.nodes}-${options.addresses}-${fault}`, result);
        results.push(result);
      }
    } finally {
      const { nodes, addresses } = options;
      if (results.length > 0) process.stdout.write(rowOf({ who: contender.name, nodes, addresses, fault, results }));
    }
  }
}

function writeLog(site: Site, name: string, { record }: RunResult): void {
  if (values.logs === undefined) return;
  mkdirSync(values.logs, { recursive: true });
  const text = clientLog(record, (mac) => site.nodeOf(mac).name);
  writeFileSync(join(values.logs, `${name.toLowerCase()}.log`), text);
}

/** Tells what was not measured; the other combinations go on. */
function report(what: string, error: unknown): void {
  process.stdout.write(`not measured: ${what}: ${error instanceof Error ? error.message : String(error)}\n`);
  failed++;
}
