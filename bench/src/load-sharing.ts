/**
 * Measures a Service that every node serves (`loadSharing: PerClient`) beside the same Service announced by one node: throughput and share of each node, the gap when
 * a node is lost, and the table of clients. Needs root and Linux, but for `--table`. Run with `--expose-gc`.
 */
import { parseArgs } from "node:util";
import { kubeAssets } from "@herald-lb/lab";
import { measureTable } from "./load-sharing/table.ts";
import { measureTraffic, type Throughput } from "./load-sharing/traffic.ts";

const { values } = parseArgs({
  options: {
    /** The table of clients alone. */
    table: { type: "boolean", default: false },
    clients: { type: "string", default: "10000" },
    /** The seconds for which downloads are counted. */
    seconds: { type: "string", default: "10" },
    /** The nodes that are lost, one after another. */
    losses: { type: "string", default: "5" },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const throughputOf = (title: string, { total, byNode }: Throughput): string =>
  `| ${title} | ${total.toFixed(0)} | ${[...byNode.values()].map((rate) => rate.toFixed(0)).join(", ")} |`;

const { rows, octetsPerClient, loss } = measureTable(Number(values.clients));
print("| a request for a shared address | ns |\n|---|--:|");
for (const { what, nanoseconds } of rows) print(`| ${what} | ${nanoseconds.toFixed(0)} |`);
print(`\n${values.clients} clients: ${octetsPerClient.toFixed(0)} octets each`);
print(
  `a node of four is lost: ${loss.told} clients told by one of the others, in ${loss.milliseconds.toFixed(1)} ms of work`,
);

if (!values.table) {
  const assets = await kubeAssets();
  if (typeof assets !== "string") throw new Error(`the lab lacks ${assets.missing}`);
  const { oneNode, perClient, gaps } = await measureTraffic(assets, Number(values.seconds), Number(values.losses));
  print("\n| 64 downloads | Mbit/s | of each node |\n|---|--:|---|");
  print(throughputOf("one node", oneNode));
  print(throughputOf("PerClient", perClient));
  const even = perClient.total / perClient.byNode.size;
  const worst = Math.max(...[...perClient.byNode.values()].map((rate) => Math.abs(rate / even - 1)));
  print(
    `\nratio ${(perClient.total / oneNode.total).toFixed(2)}, largest deviation from even ${(worst * 100).toFixed(1)} %`,
  );
  print("\n| loss of one of four nodes | longest gap of its clients, ms | of the others, ms |\n|---|--:|--:|");
  for (const [at, { own, others }] of gaps.entries()) print(`| ${at + 1} | ${own} | ${others} |`);
}
