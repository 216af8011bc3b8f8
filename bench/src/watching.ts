/** Counts what a node sends and computes so that the speakers of a cluster watch each other, by the number of nodes, in virtual time. */
import { parseArgs } from "node:util";
import { WatchingCluster } from "./watching/cluster.ts";

const { values } = parseArgs({
  options: {
    /** Numbers of nodes, with commas between. */
    nodes: { type: "string", default: "3,30,300" },
    /** The virtual seconds that are measured. */
    seconds: { type: "string", default: "20" },
  },
});

/** The longest that a cluster may take until all sessions are up, in virtual milliseconds. */
const LONGEST = 60_000;
const seconds = Number(values.seconds);

process.stdout.write(
  "| nodes | sessions a node | BFD packets/s | BFD kB/s | membership packets/s | membership kB/s | % of a core |\n" +
    "| --: | --: | --: | --: | --: | --: | --: |\n",
);
for (const nodes of values.nodes.split(",").map(Number)) {
  const cluster = new WatchingCluster(nodes);
  while (!cluster.sessions().areUp) {
    if (cluster.clock.now() > LONGEST) throw new Error(`${nodes} nodes: not all sessions came up`);
    cluster.clock.advanceBy(500);
  }
  // The gossip of those who joined ends some seconds after the last session is up.
  cluster.clock.advanceBy(10_000);
  const before = structuredClone(cluster.sent);
  const cpu = process.cpuUsage();
  cluster.clock.advanceBy(seconds * 1_000);
  const { user } = process.cpuUsage(cpu);
  const rates = (["BFD", "membership"] as const).flatMap((kind) => {
    const each = nodes * seconds;
    const packets = (cluster.sent[kind].packets - before[kind].packets) / each;
    const octets = (cluster.sent[kind].octets - before[kind].octets) / each;
    return [packets.toFixed(1), (octets / 1_000).toFixed(1)];
  });
  const share = ((user / 1_000_000 / seconds / nodes) * 100).toFixed(2);
  process.stdout.write(`| ${[nodes, cluster.sessions().mean, ...rates, share].join(" | ")} |\n`);
}
