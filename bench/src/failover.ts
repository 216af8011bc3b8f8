/** Measures how long a client goes without an answer when the announcing node is lost, MetalLB's speakers beside Herald's. Needs root and Linux. */
import { parseArgs } from "node:util";
import { runIsolated } from "./daemons/isolated-run.ts";
import { type Contender, heraldSpeakers, metallbSpeakers, mixedSpeakers } from "./failover/contender.ts";
import { FAULTS } from "./failover/fault.ts";
import { measure, type RunPlan } from "./failover/measure.ts";
import type { NodeNetwork } from "./failover/network.ts";
import { titles } from "./failover/table.ts";
import { buildMetallb } from "./metallb-module.ts";

const { values } = parseArgs({
  options: {
    /** Measures MetalLB's speakers after Herald's. */
    peer: { type: "boolean", default: false },
    /** Leaves Herald's out. */
    "only-peer": { type: "boolean", default: false },
    /** Measures memberlist clusters in which both projects' speakers take turns, alone unless `--peer` is there as well. */
    mixed: { type: "boolean", default: false },
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
    /** The processors that each speaker may use, for example 0.2, as a container's limit; all where it is left out. */
    quota: { type: "string" },
    /** A folder for the clients' logs: of the first run of every row, and of runs with false takeovers. */
    logs: { type: "string" },
  },
});

const numbersOf = (text: string): readonly number[] => text.split(",").map(Number);
const faults = values.faults.split(",").map((name) => {
  const fault = FAULTS.find((known) => known === name);
  if (fault === undefined) throw new Error(`no fault is named ${name}; there are ${FAULTS.join(", ")}`);
  return fault;
});
/** The most that the networks of the bench have room for. */
const MOST = { nodes: 200, addresses: 1_000 };
for (const subject of ["nodes", "addresses"] as const)
  if (numbersOf(values[subject]).some((number) => !(number >= 1 && number <= MOST[subject])))
    throw new Error(`--${subject}: from 1 to ${MOST[subject]}`);
const nodeNetwork: NodeNetwork = values["node-network"] === "management" ? "management" : "segment";
const quota = values.quota === undefined ? null : Number(values.quota);
if (quota !== null && !(quota > 0)) throw new Error("--quota: a number of processors above 0");
const plan: RunPlan = {
  faults,
  runs: Number(values.runs),
  logs: values.logs ?? null,
  deadline: Number(values.deadline),
  quiet: Number(values.quiet) * 1_000,
};

await runIsolated(
  () => {
    const binary = values.peer || values["only-peer"] || values.mixed ? buildMetallb("speaker", "./speaker") : null;
    return binary === null ? {} : { speaker: binary };
  },
  async ({ assets, built, namespace, track }) => {
    const contenders: Contender[] = [];
    const flags = values.flags.split(" ").filter((flag) => flag !== "");
    const own = heraldSpeakers({ bundle: values.bundle, flags });
    if (!values["only-peer"] && (!values.mixed || values.peer)) contenders.push(own);
    if (built["speaker"] !== undefined) {
      const peer = metallbSpeakers(built["speaker"]);
      if (!values.mixed || values.peer) contenders.push(peer);
      // The first address falls to a node by its hash: once to a speaker of ours, once to one of theirs.
      if (values.mixed) contenders.push(mixedSpeakers(own, peer), mixedSpeakers(peer, own));
    }
    process.stdout.write(titles());
    let failed = 0;
    for (const nodes of numbersOf(values.nodes))
      for (const addresses of numbersOf(values.addresses))
        for (const contender of contenders)
          failed += await measure(
            contender,
            { own: namespace, assets, nodes, addresses, nodeNetwork, quota },
            plan,
            track,
          );
    return failed === 0 ? 0 : 1;
  },
  { realApiServer: values["api-server"] === "real" },
);
