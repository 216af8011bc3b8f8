import { createDriver, type Driver, instant, parseIpAddress } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import { type TransportAddress, transportAddressKey } from "./transport-address.ts";
import type { MembershipEvent } from "./event.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { type NodeName, nodeName } from "./node-name.ts";
import { fast, lan, type Profile } from "./profile.ts";
import { type MembershipState, membersOf } from "./state.ts";

/** Runs of each measurement; `SIMULATION_RUNS=100` also prints what was measured. */
const RUNS = Number(process.env["SIMULATION_RUNS"] ?? 20);
const PRINTS: boolean = process.env["SIMULATION_RUNS"] !== undefined;

interface Node {
  readonly name: NodeName;
  readonly endpoint: TransportAddress;
  readonly driver: Driver<MembershipState, MembershipEvent>;
  readonly effects: MembershipEffect[];
  /** When this node last took another for gone, by name. */
  readonly goneAt: Map<NodeName, number>;
  alive: boolean;
}

interface Cluster {
  readonly clock: VirtualClock;
  readonly nodes: Node[];
  readonly conditions: { loss: number; delay: number; tcp: boolean; udp: boolean };
  readonly cut: (a: Node, b: Node) => boolean;
  setCut: (cut: (a: Node, b: Node) => boolean) => void;
  readonly kill: (node: Node) => void;
  readonly start: (index: number) => Node;
}

function endpointOf(index: number): TransportAddress {
  const address = parseIpAddress(`192.0.2.${index + 1}`);
  if (!address.ok) throw new Error("bad address");
  return { address: address.value, port: 7946 };
}

function createCluster(size: number, seed: number, profile: Profile, extra: Partial<MembershipConfig> = {}): Cluster {
  const clock = createVirtualClock();
  const random = createRandom(seed);
  const conditions = { loss: 0, delay: 1, tcp: true, udp: true };
  const byEndpoint = new Map<string, Node>();
  const nodes: Node[] = [];
  const streams = new Map<string, { readonly far: Node; readonly farId: string }>();
  let streamCount = 0;
  let cut: (a: Node, b: Node) => boolean = () => false;
  const later = (after: number, act: () => void): void => void clock.wakeAt(instant(clock.now() + after), act);
  const connected = (a: Node, b: Node | undefined): b is Node =>
    b !== undefined && a.alive && b.alive && !cut(a, b) && !cut(b, a);
  /** The delay of a stream by lost segments: a second for the first, as Linux repeats a SYN. */
  const delays = (segments: number): number => {
    let sum = segments * conditions.delay;
    for (let segment = 0; segment < segments; segment++) if (random() < conditions.loss) sum += 1000;
    return sum;
  };

  const perform = (node: Node, effect: MembershipEffect): void => {
    node.effects.push(effect);
    const key = "stream" in effect ? `${node.name}/${effect.stream}` : "";
    switch (effect.type) {
      case "SendPacket": {
        const to = byEndpoint.get(transportAddressKey(effect.to));
        if (random() < conditions.loss || !conditions.udp) return;
        return later(conditions.delay * (1 + random()), () => {
          if (!connected(node, to)) return;
          to.driver.dispatch({ type: "PacketReceived", from: node.endpoint, octets: effect.octets });
        });
      }
      case "OpenStream": {
        const to = byEndpoint.get(transportAddressKey(effect.to));
        return later(delays(3), () => {
          if (!node.alive) return;
          if (!connected(node, to) || !conditions.tcp) {
            // A dead host says nothing; a port that is closed refuses.
            if (to !== undefined && cut(node, to)) return;
            return node.driver.dispatch({ type: "StreamClosed", stream: effect.stream });
          }
          const farId = `accept-${++streamCount}`;
          streams.set(`${to.name}/${farId}`, { far: node, farId: effect.stream });
          streams.set(key, { far: to, farId });
          to.driver.dispatch({ type: "StreamAccepted", stream: farId, from: node.endpoint });
          const half = effect.octets.length >> 1;
          to.driver.dispatch({ type: "StreamReceived", stream: farId, octets: effect.octets.subarray(0, half) });
          to.driver.dispatch({ type: "StreamReceived", stream: farId, octets: effect.octets.subarray(half) });
        });
      }
      case "ReplyStream": {
        const link = streams.get(key);
        return later(delays(1), () => {
          if (link === undefined || !connected(node, link.far)) return;
          link.far.driver.dispatch({ type: "StreamReceived", stream: link.farId, octets: effect.octets });
          link.far.driver.dispatch({ type: "StreamClosed", stream: link.farId });
        });
      }
      case "MembersChanged":
        for (const gone of effect.left) node.goneAt.set(gone.name, clock.now());
        for (const back of effect.joined) node.goneAt.delete(back.name);
        return;
      default:
        return;
    }
  };

  const start = (index: number): Node => {
    const config: MembershipConfig = {
      name: nodeName(`node-${index}`),
      advertise: endpointOf(index),
      profile,
      keyring: [],
      seed: new Uint8Array(32)
        .fill(seed + 1)
        .fill(index + 1, 16)
        .fill(Math.floor(random() * 256), 24),
      ...extra,
    };
    const node: Node = {
      name: config.name,
      endpoint: config.advertise,
      effects: [],
      goneAt: new Map(),
      alive: true,
      driver: createDriver({
        machine: createMembership(config),
        initial: initialMembership(config),
        clock,
        perform: (effect) => perform(node, effect),
      }),
    };
    byEndpoint.set(transportAddressKey(node.endpoint), node);
    nodes[index] = node;
    node.driver.dispatch({ type: "Started" });
    node.driver.dispatch({ type: "PeersDesired", peers: Array.from({ length: size }, (_, at) => endpointOf(at)) });
    return node;
  };
  const cluster: Cluster = {
    clock,
    nodes,
    conditions,
    cut: (a, b) => cut(a, b),
    setCut: (next) => void (cut = next),
    start,
    kill: (node) => {
      node.alive = false;
      node.driver.stop();
    },
  };
  for (let index = 0; index < size; index++) start(index);
  return cluster;
}

function alivePeers(node: Node): string[] {
  return membersOf(node.driver.state)
    .filter((member) => member.state === "alive" || member.state === "suspect")
    .map((member) => member.name)
    .toSorted();
}

function expectAllSeeAll(cluster: Cluster): void {
  const living = cluster.nodes.filter((node) => node.alive);
  const names = living.map((node) => node.name).toSorted();
  for (const node of living) expect(alivePeers(node), node.name).toEqual(names);
}

function deaths(cluster: Cluster): number {
  return cluster.nodes
    .flatMap((node) => node.effects)
    .reduce((sum, effect) => sum + (effect.type === "MembersChanged" ? effect.left.length : 0), 0);
}

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
      const victim = cluster.nodes[run % size] as Node;
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

  it("lets a suspected node refute", () => {
    const cluster = createCluster(4, 8, fast);
    cluster.clock.advanceBy(3000);
    const victim = cluster.nodes[0] as Node;
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
    const leaver = cluster.nodes[2] as Node;
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
    cluster.kill(cluster.nodes[1] as Node);
    cluster.clock.advanceBy(4000);
    expectAllSeeAll(cluster);
    cluster.start(1);
    cluster.clock.advanceBy(4000);
    expectAllSeeAll(cluster);
  });

  it("suspects nobody after it stood still itself", () => {
    const cluster = createCluster(4, 21, fast);
    cluster.clock.advanceBy(3000);
    const [sleeper] = cluster.nodes as [Node];
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
    const victim = cluster.nodes[3] as Node;
    cluster.kill(victim);
    cluster.clock.advanceBy(40_000);
    for (const node of cluster.nodes) {
      if (node !== victim) expect(node.driver.state.members.has(victim.name)).toBe(false);
    }
  });
});
