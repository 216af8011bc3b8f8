import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { createMembership } from "./machine.ts";
import { fast, lan } from "./profile.ts";
import { alivePeers, createCluster, deaths, expectAllSeeAll, type SimulatedNode } from "./simulation.test.fixture.ts";
import { membersOf } from "./state.ts";

/** Runs of each measurement; `SIMULATION_RUNS=100` also prints what was measured. */
const RUNS = Number(process.env["SIMULATION_RUNS"] ?? 20);
const PRINTS: boolean = process.env["SIMULATION_RUNS"] !== undefined;

describe("a cluster in virtual time", () => {
  it.each([2, 3, 5, 12, 40])("of %i nodes converges", (size) => {
    const cluster = createCluster(size, size, fast);
    cluster.clock.advanceBy(5000);
    expectAllSeeAll(cluster);
    expect(deaths(cluster)).toBe(0);
  });

  it("converges with memberlist's timers, encrypted and labelled", () => {
    const cluster = createCluster(4, 9, lan, {
      keyring: [new Uint8Array(32).fill(7)],
      label: new TextEncoder().encode("blue"),
    });
    cluster.clock.advanceBy(10_000);
    expectAllSeeAll(cluster);
    expect(cluster.nodes.flatMap((node) => node.effects).filter((effect) => effect.type === "Ignored")).toEqual([]);
  });

  it.each([3, 4, 5])("of %i nodes finds a killed one in one to two seconds", (size) => {
    const latencies: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const cluster = createCluster(size, 1000 * size + run, fast);
      cluster.clock.advanceBy(3000 + run * 7);
      const victim = cluster.nodes[run % size] as SimulatedNode;
      const at = cluster.clock.now();
      cluster.kill(victim);
      cluster.clock.advanceBy(6000);
      for (const node of cluster.nodes) {
        if (node === victim) continue;
        latencies.push((node.goneAt.get(victim.name) ?? Number.POSITIVE_INFINITY) - at);
      }
    }
    latencies.sort((a, b) => a - b);
    const at = (share: number): number => latencies[Math.ceil(share * latencies.length) - 1] as number;
    if (PRINTS) {
      process.stderr.write(
        `n=${size}: min ${at(0.001)} p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} max ${at(1)} ms of ${latencies.length}\n`,
      );
    }
    expect(at(0.5)).toBeLessThan(1500);
    expect(at(1)).toBeLessThan(2000);
    expect(at(0.001)).toBeGreaterThan(800);
  });

  it("does not take a node for dead while a fifth of all packets are lost", () => {
    // 300 probes by each of five nodes, eight times.
    let total = 0;
    for (let seed = 70; seed < 78; seed++) {
      const cluster = createCluster(5, seed, fast);
      cluster.clock.advanceBy(3000);
      cluster.conditions.loss = 0.2;
      cluster.clock.advanceBy(60_000);
      total += deaths(cluster);
      cluster.conditions.loss = 0;
      cluster.clock.advanceBy(3000);
      expectAllSeeAll(cluster);
    }
    if (PRINTS) process.stderr.write(`false deaths at 20 %: ${total}\n`);
    expect(total).toBe(0);
  });

  it("keeps nodes alive that only TCP reaches", () => {
    const cluster = createCluster(3, 5, fast);
    cluster.clock.advanceBy(3000);
    cluster.conditions.udp = false;
    cluster.clock.advanceBy(20_000);
    expect(deaths(cluster)).toBe(0);
    cluster.conditions.tcp = false;
    cluster.clock.advanceBy(10_000);
    expect(deaths(cluster)).toBe(6);
  });

  it("splits when cut, and heals when mended", () => {
    const cluster = createCluster(5, 31, fast);
    cluster.clock.advanceBy(3000);
    const minority = new Set(cluster.nodes.slice(0, 2));
    cluster.setCut((a, b) => minority.has(a) !== minority.has(b));
    cluster.clock.advanceBy(90_000);
    for (const node of cluster.nodes) expect(alivePeers(node)).toHaveLength(minority.has(node) ? 2 : 3);
    cluster.setCut(() => false);
    cluster.clock.advanceBy(5000);
    expectAllSeeAll(cluster);
  });

  it("is whole half a second after a cut of any length is mended, whatever joins hang in it", () => {
    for (const length of [1_500, 3_100, 9_700]) {
      const cluster = createCluster(5, 31 + length, fast);
      cluster.clock.advanceBy(3000);
      const minority = new Set(cluster.nodes.slice(0, 2));
      cluster.setCut((a, b) => minority.has(a) !== minority.has(b));
      cluster.clock.advanceBy(length);
      cluster.setCut(() => false);
      cluster.clock.advanceBy(500);
      expectAllSeeAll(cluster);
    }
  });

  it("lets a suspected node refute", () => {
    const cluster = createCluster(4, 8, fast);
    cluster.clock.advanceBy(3000);
    const victim = cluster.nodes[0] as SimulatedNode;
    const before = victim.driver.state.members.get(victim.name)?.incarnation ?? 0;
    // Long enough to become suspect, too short to be declared dead.
    cluster.setCut((a, b) => (a === victim) !== (b === victim));
    cluster.clock.advanceBy(700);
    expect(cluster.nodes.some((node) => node.driver.state.members.get(victim.name)?.state === "suspect")).toBe(true);
    cluster.setCut(() => false);
    cluster.clock.advanceBy(3000);
    expect(deaths(cluster)).toBe(0);
    expect(victim.driver.state.members.get(victim.name)?.incarnation).toBeGreaterThan(before);
    for (const node of cluster.nodes) expect(node.driver.state.members.get(victim.name)?.state).toBe("alive");
  });

  it("learns of a leave at once and takes the node back when it returns", () => {
    const cluster = createCluster(5, 12, fast);
    cluster.clock.advanceBy(3000);
    const leaver = cluster.nodes[2] as SimulatedNode;
    leaver.driver.dispatch({ type: "LeaveRequested" });
    const at = cluster.clock.now();
    cluster.clock.advanceBy(600);
    expect(leaver.effects.filter((effect) => effect.type === "LeaveCompleted")).toHaveLength(1);
    expect(leaver.driver.state.name).toBe("Left");
    for (const node of cluster.nodes) {
      if (node === leaver) continue;
      expect((node.goneAt.get(leaver.name) ?? Number.POSITIVE_INFINITY) - at).toBeLessThan(300);
      expect(node.driver.state.members.get(leaver.name)?.state).toBe("left");
    }
    cluster.kill(leaver);
    cluster.start(2);
    cluster.clock.advanceBy(3000);
    expectAllSeeAll(cluster);
  });

  it("takes back a node that was killed and restarted under the same name", () => {
    const cluster = createCluster(4, 13, fast);
    cluster.clock.advanceBy(3000);
    cluster.kill(cluster.nodes[1] as SimulatedNode);
    cluster.clock.advanceBy(4000);
    expectAllSeeAll(cluster);
    cluster.start(1);
    cluster.clock.advanceBy(4000);
    expectAllSeeAll(cluster);
  });

  it("suspects nobody after it stood still itself", () => {
    const cluster = createCluster(4, 21, fast);
    cluster.clock.advanceBy(3000);
    const [sleeper] = cluster.nodes as [SimulatedNode];
    const machine = createMembership({
      name: sleeper.name,
      advertise: sleeper.endpoint,
      profile: fast,
      keyring: [],
      seed: new Uint8Array(32),
    });
    let { state } = sleeper.driver;
    const late = instant(cluster.clock.now() + 60_000);
    for (let turns = 0; turns < 5; turns++) ({ state } = machine.advance(state, late));
    expect(membersOf(state).filter((member) => member.state !== "alive")).toEqual([]);
  });

  it("forgets the dead after a while", () => {
    const cluster = createCluster(4, 3, fast);
    cluster.clock.advanceBy(3000);
    const victim = cluster.nodes[3] as SimulatedNode;
    cluster.kill(victim);
    cluster.clock.advanceBy(40_000);
    for (const node of cluster.nodes) {
      if (node !== victim) expect(node.driver.state.members.has(victim.name)).toBe(false);
    }
  });
});
