import type { Logger } from "@herald-lb/daemon";
import { MemoryApiServer, VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { createRandom, createVirtualClock } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";
import { HostAddressWatch } from "./host-address-watch.ts";

const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;
const NODE = "/api/v1/nodes/a";

it("tells of a Node that the control plane has lost, and of nothing when a heartbeat comes", async () => {
  const world = createVirtualClock(1_000);
  const server = new MemoryApiServer(() => 1_770_000_000_000);
  const { transport, clock } = new VirtualProcess(world, server, createRandom(1));
  const calls: string[] = [];
  const watch = new HostAddressWatch({
    transport,
    clock,
    gateways: () => [],
    policy: "Warn",
    onChange: () => void calls.push("addresses"),
    onReachability: () => void calls.push("reachability"),
    log: silent,
  });
  const pass = async (milliseconds: number): Promise<void> => {
    const end = world.now() + milliseconds;
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      const next = world.nextWake();
      if (next === null || next > end) return;
      world.advanceTo(next);
    }
  };
  const ready = async (status: string, lastHeartbeatTime: string): Promise<readonly string[]> => {
    calls.length = 0;
    const conditions = [
      { type: "MemoryPressure", status: "Unknown" },
      { type: "Ready", status, lastHeartbeatTime },
    ];
    expect(server.handle({ method: "PATCH", path: NODE, body: { status: { conditions } } }).ok).toBe(true);
    await pass(1_000);
    return [...calls, `${watch.nodes()[0]?.isReachable}`];
  };
  server.handle({ method: "POST", path: "/api/v1/nodes", body: { metadata: { name: "a", labels: { rack: "1" } } } });
  void watch.start();
  await pass(1_000);
  expect(watch.nodes()).toEqual([{ name: "a", labels: { rack: "1" }, isReachable: true }]);
  expect(await ready("True", "1")).toEqual(["true"]);
  expect(await ready("True", "2")).toEqual(["true"]);
  expect(await ready("False", "3")).toEqual(["true"]);
  expect(await ready("Unknown", "4")).toEqual(["reachability", "false"]);
  expect(await ready("True", "5")).toEqual(["reachability", "true"]);
});
