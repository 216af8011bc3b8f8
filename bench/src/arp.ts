import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildClient, buildMdlayher } from "./arp-programs.ts";
import { Segments } from "./arp-segment.ts";

/** The figures of one responder as a client saw them: microseconds, and replies a second. */
interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly lost: number;
}

const IPV4 = "192.0.2.10";
const IPV6 = "2001:db8::10";
const LATENCY = ["latency", "3000", "300"];
const WINDOW = ["window", "100000", "64"];
/** Time for the announcements that follow a takeover, milliseconds. */
const ANNOUNCEMENTS = 5000;
/** The longest wait for the first answer of a responder, in milliseconds. */
const START = 20_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    /** Lets idle CPUs halt, which in a virtual machine hides what is measured behind the hypervisor's wake-up. */
    halting: { type: "boolean", default: false },
    /** The worker's module: the sources, or the bundle that ships. */
    worker: { type: "string", default: resolve(import.meta.dirname, "../../apps/speaker/src/worker/main.ts") },
    /** A clone of another commit, whose speaker answers in the same run. */
    beside: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const halting = values.halting ? ["halting"] : [];

const client = buildClient();
if (client === null) process.exit(1);
const mdlayher = buildMdlayher();

const segments = new Segments();
segments.add({ name: "kernel", addresses: [`${IPV4}/24`, `${IPV6}/64`] });
segments.add({ name: "herald", addresses: ["192.0.2.1/24", "2001:db8::1/64"] });
const speakers = [{ name: "herald", starter: resolve(import.meta.dirname, "arp-speaker.ts"), worker: values.worker }];
if (values.beside !== undefined) {
  const [starter, worker] = ["bench/src/arp-speaker.ts", "apps/speaker/src/worker/main.ts"] as const;
  const from = (path: string): string => resolve(values.beside ?? "", path);
  speakers.push({ name: "beside", starter: from(starter), worker: from(worker) });
  segments.add({ name: "beside", addresses: ["192.0.2.1/24", "2001:db8::1/64"] });
}
for (const { name, starter, worker } of speakers)
  segments.start(name, process.execPath, [...process.execArgv, starter, worker, IPV4, IPV6]);
if (mdlayher !== null) {
  segments.add({ name: "mdlayher", addresses: ["192.0.2.1/24", "2001:db8::1/64"] });
  segments.start("mdlayher", mdlayher, ["eth0", IPV4]);
}

const ndp = ["kernel", ...speakers.map(({ name }) => name)];
const arp = [...ndp, ...(mdlayher === null ? [] : ["mdlayher"])];
const runs = [
  ...arp.map((name) => ({ name, address: IPV4, seen: [] as Figures[] })),
  ...ndp.map((name) => ({ name, address: IPV6, seen: [] as Figures[] })),
];

async function ask<T>(name: string, address: string, what: readonly string[]): Promise<T> {
  return JSON.parse(await segments.ask(client as string, [name, address, ...what, ...halting])) as T;
}

for (const { name, address } of runs) {
  const deadline = performance.now() + START;
  while ((await ask<{ lost: number }>(name, address, ["latency", "1", "0"])).lost > 0) {
    if (performance.now() > deadline) throw new Error(`${name} does not answer for ${address}`);
  }
}
await wait(ANNOUNCEMENTS);
for (const { name, address } of runs) await ask(name, address, WINDOW);

for (let round = 0; round < rounds; round++) {
  // Another one begins each time, so that none always follows the same other.
  for (let i = 0; i < runs.length; i++) {
    const { name, address, seen } = runs[(i + round) % runs.length] as (typeof runs)[number];
    const latency = await ask<Pick<Figures, "p50" | "p99" | "lost">>(name, address, LATENCY);
    const window = await ask<Pick<Figures, "perSecond" | "lost">>(name, address, WINDOW);
    seen.push({ ...latency, perSecond: window.perSecond, lost: latency.lost + window.lost });
  }
}
segments.close();

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function summaryOf(seen: readonly Figures[]): Figures {
  const of = (figure: keyof Figures): number => median(seen.map((each) => each[figure]));
  const lost = seen.reduce((sum, each) => sum + each.lost, 0);
  return { p50: of("p50"), p99: of("p99"), perSecond: of("perSecond"), lost };
}

const thousands = (count: number): string => `${(count / 1000).toFixed(0)}k`;

function spreadOf(values: readonly string[]): string {
  const sorted = values.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
  return `${sorted[0]}-${sorted.at(-1)}`;
}

const titles: Readonly<Record<string, string>> = {
  kernel: "kernel",
  herald: "Herald",
  beside: "the other clone",
  mdlayher: "mdlayher/arp",
};
const row = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(16)}${cells.map((cell) => cell.padStart(12)).join("")}\n`;

function table(title: string, address: string): string {
  const summaries = runs
    .filter((run) => run.address === address)
    .map(({ name, seen }) => ({ name, seen, summary: summaryOf(seen) }));
  const base = summaries[0]?.summary;
  const lines = summaries.map(({ name, seen, summary }) => {
    return row(titles[name] ?? name, [
      summary.p50.toFixed(1),
      spreadOf(seen.map(({ p50 }) => p50.toFixed(1))),
      summary.p99.toFixed(0),
      thousands(summary.perSecond),
      spreadOf(seen.map(({ perSecond }) => thousands(perSecond))),
      (summary.p50 / (base?.p50 ?? Number.NaN)).toFixed(2),
      (summary.perSecond / (base?.perSecond ?? Number.NaN)).toFixed(2),
      String(summary.lost),
    ]);
  });
  return (
    row(title, ["p50 us", "spread", "p99 us", "replies/s", "spread", "p50/kernel", "rate/kernel", "lost"]) +
    lines.join("")
  );
}

process.stdout.write(`medians of ${rounds} rounds\n${table("ARP", IPV4)}${table("Neighbor Disc.", IPV6)}`);
process.exit(0);
