/** Time per operation while one pool holds more and more: the aim is a flat line, for any number of addresses in use and any size of the pool. */
import { availableParallelism, loadavg } from "node:os";
import { Allocator, type Demand } from "@herald-lb/allocator";
import { type AddressRange, instant, type IpFamily, parsePrefix, prefixFirst, prefixLast } from "@herald-lb/sansio";

const NOW = instant(0);
const SIZES = (process.argv[3] ?? "1000,10000,100000,1000000").split(",").map(Number);
const POOLS = [
  ["10.0.0.0/8", "IPv4"],
  ["2001:db8::/64", "IPv6"],
] as const;
/** The least number of assignments or releases that one figure averages. */
const OPERATIONS = 200_000;
const ROUNDS = Number(process.argv[2] ?? 5);

function range(text: string): AddressRange {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new Error(text);
  return { first: prefixFirst(prefix.value), last: prefixLast(prefix.value) };
}

/** The part of the demand that all Services share; one object, so that the figure leaves out the memory of demands. */
function demandOf(family: IpFamily): Omit<Demand, "service"> {
  return {
    families: { type: "All", families: [family] },
    ports: [{ protocol: "TCP", port: 80 }],
    pools: ["pool"],
    permitted: ["pool"],
    requested: [],
    recorded: [],
    sharingKey: null,
    backendKey: "",
  };
}

function emptyAllocator(text: string): Allocator {
  const allocator = new Allocator();
  allocator.configure([{ name: "pool", ranges: [range(text)], avoidBuggyIPs: false }]);
  return allocator;
}

/** The nanoseconds of CPU of its thread that an operation of each kind takes on average, in a pool that is filled and emptied again. */
interface Figures {
  readonly fill: number;
  readonly churn: number;
  readonly drain: number;
}

/** One round: fill, then release and assign again in a scattered order, then drain; repeated until there is enough to measure. */
function measure(text: string, demands: readonly Demand[]): Figures {
  const total = { fill: 0, churn: 0, drain: 0 };
  const repeats = Math.ceil(OPERATIONS / demands.length);
  const timed = (kind: keyof Figures, body: () => void): void => {
    const start = process.threadCpuUsage();
    body();
    const { user, system } = process.threadCpuUsage(start);
    total[kind] += user + system;
  };
  // A stride that has no divisor in common with any of the sizes visits every service once.
  const scattered = demands.map((_, index) => demands[(index * 7_919) % demands.length] as Demand);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const allocator = emptyAllocator(text);
    timed("fill", () => {
      for (const demand of demands) allocator.assign(demand, NOW);
    });
    timed("churn", () => {
      for (const demand of scattered) {
        allocator.release(demand.service, NOW);
        allocator.assign(demand, NOW);
      }
    });
    timed("drain", () => {
      for (const demand of scattered) allocator.release(demand.service, NOW);
    });
  }
  const operations = (repeats * demands.length) / 1_000;
  return { fill: total.fill / operations, churn: total.churn / operations / 2, drain: total.drain / operations };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
print(`Node ${process.version}, ${availableParallelism()} cores, ${ROUNDS} rounds; load before ${load()}\n`);
print(
  "| pool | services | ns an assignment, filling | ns an operation, release and assign | ns a release, draining | operations a second | MB |",
);
print("|---|--:|--:|--:|--:|--:|--:|");
for (const [text, family] of POOLS) {
  for (const size of SIZES) {
    const common = demandOf(family);
    const demands = Array.from({ length: size }, (_, index) => ({ service: `default/service-${index}`, ...common }));
    if (size === SIZES[0]) measure(text, demands);
    const rounds = Array.from({ length: ROUNDS }, () => measure(text, demands));
    const of = (kind: keyof Figures): number => median(rounds.map((round) => round[kind]));
    const perSecond = 1_000_000_000 / ((of("fill") + of("churn") * 2 + of("drain")) / 4);
    const megabytes = memoryOf(text, demands);
    const cells = [of("fill"), of("churn"), of("drain"), perSecond, megabytes].map((value) => value.toFixed(0));
    print(`| ${text} | ${size} | ${cells.join(" | ")} |`);
  }
}
print(`\nload after ${load()}`);

/** Megabytes of heap that a filled pool takes beside the demands; needs \`--expose-gc\`, without which it is not a number. */
function memoryOf(text: string, demands: readonly Demand[]): number {
  if (globalThis.gc === undefined) return Number.NaN;
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const allocator = emptyAllocator(text);
  for (const demand of demands) allocator.assign(demand, NOW);
  globalThis.gc();
  const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  allocator.release("", NOW);
  return megabytes;
}
