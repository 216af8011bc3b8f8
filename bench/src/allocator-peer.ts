/** Herald's allocator beside MetalLB's own, with the same number in use: the n-th of so many Services holds the n-th address of a /8. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { Allocator, type Demand } from "@herald-lb/allocator";
import { instant, parsePrefix, prefixFirst, prefixLast } from "@herald-lb/sansio";
import { buildMetallb } from "./metallb-module.ts";

/** Nanoseconds of a thread's CPU: an assignment after so many, and a release with the assignment that follows it. */
interface Figures {
  readonly inUse: number;
  readonly assign: number;
  readonly churn: number;
  /** The number of assignments that the figure averages. */
  readonly sample: number;
}

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,65000" },
    /** The number of operations that a figure averages; MetalLB's stop after `longest` seconds. */
    sample: { type: "string", default: "1000" },
    longest: { type: "string", default: "20" },
  },
});
const NOW = instant(0);
const POOL = "10.0.0.0/8";
/** The number of samples of Herald: a thousand of its operations end before the clock of CPU time of the kernel moves on. */
const ROUNDS = 200;
const sizes = values.sizes.split(",").map(Number);
const sample = Number(values.sample);

function measureHerald(inUse: number): Figures {
  const prefix = parsePrefix(POOL);
  if (!prefix.ok) throw new Error(POOL);
  const allocator = new Allocator();
  const ranges = [{ first: prefixFirst(prefix.value), last: prefixLast(prefix.value) }];
  allocator.configure([{ name: "pool", ranges, avoidBuggyIPs: false }]);
  const demands = Array.from({ length: inUse + sample }, (_, index) => demandOf(`default/service-${index}`));
  for (const demand of demands.slice(0, inUse)) allocator.assign(demand, NOW);
  const fresh = demands.slice(inUse);
  const count = Math.min(sample, inUse);
  const scattered = Array.from({ length: count }, (_, index) => demands[(index * 7_919) % inUse] as Demand);
  let assign = 0;
  let churn = 0;
  for (let round = 0; round < ROUNDS; round++) {
    assign += timed(fresh, (demand) => void allocator.assign(demand, NOW));
    for (const { service } of fresh) allocator.release(service, NOW);
    churn += timed(scattered, (demand) => {
      allocator.release(demand.service, NOW);
      allocator.assign(demand, NOW);
    });
  }
  return { inUse, assign: assign / ROUNDS, churn: churn / ROUNDS, sample };
}

/** Nanoseconds of this thread's CPU that one of them takes. */
function timed(demands: readonly Demand[], body: (demand: Demand) => void): number {
  const start = process.threadCpuUsage();
  for (const demand of demands) body(demand);
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1_000) / demands.length;
}

function demandOf(service: string): Demand {
  return {
    service,
    families: { type: "All", families: ["IPv4"] },
    ports: [{ protocol: "TCP", port: 80 }],
    pools: ["pool"],
    permitted: ["pool"],
    requested: [],
    recorded: [],
    sharingKey: null,
    backendKey: "",
  };
}

/** The figures that MetalLB's program prints; null when it fails, after its output was shown. */
function measureMetallb(binary: string, inUse: number): Figures | null {
  const { status, stdout, stderr } = spawnSync(binary, [POOL, values.longest, values.sample, String(inUse)], {
    encoding: "utf8",
  });
  if (status === 0) return JSON.parse(stdout) as Figures;
  process.stdout.write(`MetalLB's allocator failed: ${stderr.slice(-500)}\n`);
  return null;
}

const peer = buildMetallb("metallb-allocator");
// The first run meets a cold compiler.
measureHerald(1_000);
const cells = (figures: readonly string[]): void => void process.stdout.write(`| ${figures.join(" | ")} |\n`);
const microseconds = (nanoseconds: number): string => (nanoseconds / 1_000).toFixed(nanoseconds < 100_000 ? 2 : 0);
cells(["in use", "who", "us an assignment", "us release + assignment", "times Herald's"]);
cells(["--:", "---", "--:", "--:", "--:"]);
for (const inUse of sizes) {
  const herald = measureHerald(inUse);
  cells([String(inUse), "Herald", microseconds(herald.assign), microseconds(herald.churn), "1"]);
  const metallb = peer === null ? null : measureMetallb(peer, inUse);
  if (metallb === null) continue;
  const ratio = `${(metallb.assign / herald.assign).toFixed(0)}, ${(metallb.churn / herald.churn).toFixed(0)}`;
  cells([String(inUse), "MetalLB", microseconds(metallb.assign), microseconds(metallb.churn), ratio]);
}
