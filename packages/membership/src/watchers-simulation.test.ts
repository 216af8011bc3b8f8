import { instant } from "@herald-lb/sansio";
import { createRandom } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { BfdSessions, WATCHERS } from "./bfd-sessions.test.fixture.ts";
import { isUp } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { fast } from "./profile.ts";
import { type Cluster, createCluster, expectAllSeeAll, type SimulatedNode } from "./simulation.test.fixture.ts";

/** Seeds of each run; `WATCHER_SEEDS=1000` and `WATCHER_NODES=300` also print what was measured. */
const SEEDS = Number(process.env["WATCHER_SEEDS"] ?? 3);
const FIRST_SEED = Number(process.env["WATCHER_FIRST_SEED"] ?? 0);
const SIZE = Number(process.env["WATCHER_NODES"] ?? 40);
const PRINTS: boolean = process.env["WATCHER_SEEDS"] !== undefined;
/** A cluster takes as long to form as several seeds: one serves so many of them, and nodes that crashed come back for the next. */
const SEEDS_PER_CLUSTER = 100;
const BFD = { port: 7947, watchers: WATCHERS };
/** The watchers whose agreement is a death. */
const AGREEING = 2;

interface Measured {
  /** The time from the death of a node that two watchers heard until the first and until the last living node takes it for gone. */
  readonly first: number[];
  readonly last: number[];
  /** The same of the other nodes, which have just started: gossip finds their deaths. */
  readonly unheardFirst: number[];
  readonly unheardLast: number[];
  /** Nodes taken for gone that lived: all of them, and those that three watchers heard at that moment. */
  falseDeaths: number;
  heardDeaths: number;
}

const measured = (): Measured => ({
  first: [],
  last: [],
  unheardFirst: [],
  unheardLast: [],
  falseDeaths: 0,
  heardDeaths: 0,
});

interface World {
  readonly cluster: Cluster;
  readonly bfd: BfdSessions;
}

/** A cluster with BFD sessions, which notes every time a living node is taken for gone. */
function watching(size: number, seed: number, into: Measured): World {
  // As the speaker runs it.
  const cluster = createCluster(size, seed, fast, { bfd: BFD, compression: false });
  const bfd = new BfdSessions(cluster, createRandom(seed + 7));
  const take = cluster.onEffect;
  const told = new Set<NodeName>();
  cluster.onEffect = (node, effect) => {
    take(node, effect);
    if (effect.type !== "MembersChanged" || !node.alive) return;
    for (const { name } of effect.left) {
      const gone = cluster.nodes.find((each) => each.name === name);
      if (gone === undefined || !gone.alive || gone.paused || told.has(name)) continue;
      told.add(name);
      into.falseDeaths++;
      if (bfd.hearing(name) >= BFD.watchers) into.heardDeaths++;
    }
    for (const { name } of effect.joined) told.delete(name);
  };
  cluster.clock.advanceBy(8_000);
  return { cluster, bfd };
}

function killAndMeasure({ cluster, bfd }: World, victim: SimulatedNode, into: Measured): void {
  const at = cluster.clock.now();
  const isHeard = bfd.hearing(victim.name) >= Math.min(AGREEING, cluster.nodes.length - 1);
  cluster.kill(victim);
  const isKnown = (): boolean => cluster.nodes.every(({ alive, goneAt }) => !alive || goneAt.has(victim.name));
  while (!isKnown() && cluster.clock.now() < at + 4_000) cluster.clock.advanceBy(20);
  // A node that has not seen the victim since an earlier crash has nothing to find.
  const latencies = cluster.nodes
    .filter(({ alive }) => alive)
    .map(({ goneAt }) => (goneAt.get(victim.name) ?? Number.POSITIVE_INFINITY) - at)
    .filter((latency) => latency >= 0);
  (isHeard ? into.first : into.unheardFirst).push(Math.min(...latencies));
  (isHeard ? into.last : into.unheardLast).push(Math.max(...latencies));
}

/** Two nodes stand still and up to two crash, while a tenth of all packets are lost. */
function crashAndPause(world: World, random: () => number, into: Measured): void {
  const { cluster, bfd } = world;
  cluster.conditions.loss = 0.1;
  const pick = (): SimulatedNode => cluster.nodes[Math.floor(random() * cluster.nodes.length)] as SimulatedNode;
  for (let event = 0; event < 2; event++) {
    const sleeper = pick();
    const duration = 50 + random() * 80;
    cluster.pause(sleeper, duration);
    cluster.clock.wakeAt(instant(cluster.clock.now() + duration), () => bfd.resume(sleeper));
    cluster.clock.advanceBy(200 + random() * 300);
    const victim = pick();
    if (victim.alive && !victim.paused) killAndMeasure(world, victim, into);
  }
}

function restartDead({ nodes, start }: Cluster): void {
  for (const [index, { alive }] of nodes.entries()) if (!alive) start(index);
}

function expectDeadGone(cluster: Cluster, seed: number): void {
  const dead = new Set(cluster.nodes.filter(({ alive }) => !alive).map(({ name }) => name));
  for (const { alive, driver, name: by } of cluster.nodes) {
    if (!alive) continue;
    const live = [...driver.state.members.values()].filter(isUp).map(({ name }) => name);
    expect(
      live.filter((name) => dead.has(name)),
      `what ${by} takes for live at seed ${seed}`,
    ).toEqual([]);
  }
}

function print(title: string, { first, last, unheardFirst, unheardLast, falseDeaths, heardDeaths }: Measured): void {
  if (!PRINTS) return;
  const at = (values: readonly number[], share: number): string =>
    (values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0).toFixed(0);
  const row = (values: readonly number[]): string => [0.5, 0.95, 1].map((share) => at(values, share)).join("/");
  process.stderr.write(
    `${title}: ${first.length} deaths of nodes that two watchers heard, first node knows after ${row(first)} ms, last after ${row(last)} ` +
      `(p50/p95/max); ${unheardFirst.length} of others, ${row(unheardFirst)} and ${row(unheardLast)} ms; ` +
      `${falseDeaths} false deaths, ${heardDeaths} of nodes that three watchers heard\n`,
  );
}

describe("members that watch each other", () => {
  it.each([2, 3, 5, 12])("of %i nodes find a dead one in a quarter of a second, all of them", (size) => {
    const into = measured();
    for (let run = 0; run < 10; run++) {
      const world = watching(size, 100 * size + run, into);
      const { cluster } = world;
      cluster.clock.advanceBy(run * 13);
      killAndMeasure(world, cluster.nodes[run % size] as SimulatedNode, into);
      expectAllSeeAll(cluster);
    }
    print(`${size} nodes`, into);
    expect(Math.max(...into.last)).toBeLessThan(250);
    expect(into.falseDeaths).toBe(0);
  });

  it("take nobody for dead whom a watcher hears, while another's path to it is broken for good", () => {
    const into = measured();
    const { cluster } = watching(6, 5, into);
    const [deaf, quiet] = cluster.nodes as [SimulatedNode, SimulatedNode];
    cluster.setCut((a, b) => (a === deaf && b === quiet) || (a === quiet && b === deaf));
    cluster.clock.advanceBy(20_000);
    expect(into.falseDeaths).toBe(0);
  });

  it(
    `replace every dead one and no living one of ${SIZE} while a tenth of all packets are lost and nodes crash and stand still`,
    () => {
      const into = measured();
      let world: World | null = null;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        if (world === null || seed % SEEDS_PER_CLUSTER === 0) world = watching(SIZE, 7_000 + seed, into);
        else restartDead(world.cluster);
        crashAndPause(world, createRandom(seed), into);
        expectDeadGone(world.cluster, seed);
      }
      print(`${SIZE} nodes, 10 % loss, ${SEEDS} seeds from ${FIRST_SEED} on`, into);
      expect(into.heardDeaths).toBe(0);
      expect(Math.max(...into.first)).toBeLessThan(500);
      expect(Math.max(...into.last, ...into.unheardLast)).toBeLessThan(4_000);
    },
    60_000 + SEEDS * SIZE * 500,
  );
});
