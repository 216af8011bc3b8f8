import type { Logger } from "@herald-lb/daemon";
import { MemoryApiServer, type StoredObject, VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { createRandom, createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { SpeakerStateWatch } from "./speaker-state-watch.ts";

const NAMESPACE = "metallb-system";
const STATES = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates`;
const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;

function createBench() {
  const world = createVirtualClock(1_000);
  const server = new MemoryApiServer(() => 1_770_000_000_000);
  const process = new VirtualProcess(world, server, createRandom(1));
  const looks: number[] = [];
  const conflicts: number[] = [];
  let gateways = 0;
  const watch = new SpeakerStateWatch({
    transport: process.transport,
    clock: process.clock,
    namespace: NAMESPACE,
    onGateways: () => void gateways++,
    onConflicts: () => void conflicts.push(watch.conflicts([]).size),
    onSessions: () => void looks.push(watch.sessions().size),
    log: silent,
  });
  const send = (method: "POST" | "PATCH" | "DELETE", path: string, body?: StoredObject): void => {
    const answer = server.handle({ method, path, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) throw new Error(answer.error.message);
  };
  return {
    watch,
    looks,
    conflicts,
    report: (node: string, ...addresses: readonly string[]) => {
      const addressConflicts = addresses.map((address) => ({
        address,
        hardwareAddress: "02:00:5e:00:53:66",
        interface: "eth0",
      }));
      send("PATCH", `${STATES}/speaker-${node}`, { status: { addressConflicts } });
    },
    gateways: () => gateways,
    add: (node: string, state: string, gateway?: string) =>
      send("POST", STATES, {
        metadata: {
          namespace: NAMESPACE,
          name: `speaker-${node}`,
          labels: { "metallb.io/node-name": node },
          ...(gateway === undefined ? {} : { annotations: { "herald-lb.io/gateways": gateway } }),
        },
        status: { bgpSessions: [{ peer: "r", state }] },
      }),
    change: (node: string, state: string) =>
      send("PATCH", `${STATES}/speaker-${node}`, { status: { bgpSessions: [{ peer: "r", state }] } }),
    remove: (node: string) => send("DELETE", `${STATES}/speaker-${node}`),
    async pass(milliseconds: number) {
      const end = world.now() + milliseconds;
      for (;;) {
        await new Promise((resolve) => void setImmediate(resolve));
        const next = world.nextWake();
        if (next === null || next > end) break;
        world.advanceTo(next);
      }
    },
    stateOf: (node: string) => watch.sessions().get(node)?.[0]?.state,
  };
}

describe("SpeakerStateWatch", () => {
  it("tells of three hundred speakers that start together in a few calls", async () => {
    const bench = createBench();
    bench.watch.start();
    await bench.pass(1_000);
    for (let node = 0; node < 300; node++) {
      bench.add(`n${node}`, "Established");
      if (node % 10 === 0) await bench.pass(50);
    }
    await bench.pass(60_000);
    expect(bench.looks.length).toBeLessThan(4);
    expect(bench.looks.at(-1)).toBe(300);
  });

  it("tells of a change at once, of further ones at a bounded rate, and of the last one", async () => {
    const bench = createBench();
    bench.watch.start();
    bench.add("a", "Established");
    await bench.pass(60_000);
    bench.looks.length = 0;
    bench.change("a", "Idle");
    await bench.pass(500);
    expect(bench.looks).toHaveLength(1);
    expect(bench.stateOf("a")).toBe("Idle");
    for (let flap = 0; flap < 300; flap++) {
      bench.change("a", flap % 2 === 0 ? "Established" : "Idle");
      await bench.pass(1_000);
    }
    expect(bench.looks.length).toBeLessThan(65);
    bench.change("a", "Established");
    await bench.pass(6_000);
    expect(bench.stateOf("a")).toBe("Established");
  });

  it("gives the same sessions until it tells of others, to every caller", async () => {
    const bench = createBench();
    bench.watch.start();
    bench.add("a", "Established");
    await bench.pass(60_000);
    bench.change("a", "Idle");
    await bench.pass(100);
    bench.change("a", "Established");
    await bench.pass(100);
    expect(bench.stateOf("a")).toBe("Idle");
    await bench.pass(5_000);
    expect(bench.stateOf("a")).toBe("Established");
  });

  it("forgets a speaker whose state is gone", async () => {
    const bench = createBench();
    bench.watch.start();
    bench.add("a", "Established");
    await bench.pass(60_000);
    bench.remove("a");
    await bench.pass(5_000);
    expect(bench.watch.sessions().size).toBe(0);
  });

  it("tells of default routers when they change, and not of anything else", async () => {
    const bench = createBench();
    bench.watch.start();
    bench.add("a", "Established", "192.0.2.254");
    await bench.pass(1_000);
    expect(bench.watch.gateways()).toEqual([{ address: "192.0.2.254", kind: "Gateway", name: "a" }]);
    expect(bench.gateways()).toBe(1);
    bench.change("a", "Idle");
    await bench.pass(5_000);
    expect(bench.gateways()).toBe(1);
    bench.remove("a");
    await bench.pass(5_000);
    expect(bench.gateways()).toBe(2);
  });

  it("tells of conflicts when they begin, change and end, and of nothing else", async () => {
    const bench = createBench();
    bench.watch.start();
    await bench.pass(1_000);
    bench.add("n", "Established");
    await bench.pass(10_000);
    expect(bench.conflicts).toEqual([]);
    bench.report("n", "192.0.2.1");
    await bench.pass(10_000);
    bench.change("n", "Idle");
    await bench.pass(10_000);
    bench.report("n", "192.0.2.1", "192.0.2.2");
    await bench.pass(10_000);
    bench.report("n");
    await bench.pass(10_000);
    expect(bench.conflicts).toEqual([1, 2, 0]);
    bench.report("n", "192.0.2.1");
    await bench.pass(10_000);
    bench.remove("n");
    await bench.pass(10_000);
    expect(bench.conflicts).toEqual([1, 2, 0, 1, 0]);
  });
});
