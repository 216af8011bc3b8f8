import { type Daemon, type Lab, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIGURATION, createServices, CROWD } from "./allocation/crowd.ts";
import { untilSettled } from "./allocation/idle.ts";
import { type StatusChange, StatusWatch } from "./allocation/status-watch.ts";
import { labAssets } from "./assets.ts";

const assets = labAssets();
const SERVICES = 100;
/** The number of Services that hold addresses when the test kills the controller; those being written by then come on top. */
const HALF_WAY = 40;

describe.skipIf(assets === null)("a hundred Services created at once", () => {
  let scope: Scope;
  let lab: Lab;
  let controller: Daemon;

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    controller = lab.controller;
    await lab.cluster.apply(CONFIGURATION);
  });
  afterAll(() => scope.close());

  it("hold addresses of their own, none of which moves when the controller is killed half way", async () => {
    const place = { api: lab.api, network: lab.topology.apiServer.namespace.name };
    const watch = new StatusWatch(scope, place, CROWD);
    const killed = new Promise<void>((resolve) => {
      watch.onChange = () => {
        if (watch.holders.size < HALF_WAY) return;
        process.kill(controller.pid, "SIGKILL");
        watch.onChange = () => {};
        resolve();
      };
    });
    await createServices(scope, place, { count: SERVICES });
    await killed;
    expect(await controller.exited).toBe("SIGKILL");
    const before = await holdersNow();
    expect(before.size).toBeGreaterThanOrEqual(20);
    expect(before.size).toBeLessThanOrEqual(80);

    controller = lab.cluster.startController();
    await until("every Service to hold addresses", () => watch.holders.size === SERVICES, { timeoutMs: 60_000 });
    const after = await holdersNow();
    expect([...after.values()].map((addresses) => addresses.length)).toEqual(Array(SERVICES).fill(2));
    expect(new Set([...after.values()].flat()).size).toBe(2 * SERVICES);
    for (const [service, addresses] of before) expect(after.get(service)).toEqual(addresses);
    await untilSettled(lab);
    expect(movesOf(watch.changes)).toEqual([]);
    process.stdout.write(`killed when ${before.size} of ${SERVICES} Services held addresses\n`);
  });

  async function holdersNow(): Promise<ReadonlyMap<string, readonly string[]>> {
    const path = '{range .items[*]}{.metadata.name} {.status.loadBalancer.ingress[*].ip}{"\\n"}{end}';
    const text = await lab.cluster.kubectl(["get", "services", "-n", CROWD, "-o", `jsonpath=${path}`]);
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd().split(" "));
    return new Map(rows.flatMap(([name = "", ...addresses]) => (addresses.length === 0 ? [] : [[name, addresses]])));
  }
});

/** The addresses that a Service lost again, or got although another Service had them, at any time. */
function movesOf(changes: readonly StatusChange[]): readonly string[] {
  const held = new Map<string, string>();
  const owners = new Map<string, string>();
  const moves: string[] = [];
  for (const { service, addresses } of changes) {
    const now = addresses.join(" ");
    const before = held.get(service) ?? "";
    if (before !== "" && now !== before) moves.push(`${service}: ${before} became ${now}`);
    held.set(service, now);
    for (const address of addresses) {
      const owner = owners.get(address) ?? service;
      if (owner !== service) moves.push(`${address}: of ${owner}, then of ${service}`);
      owners.set(address, owner);
    }
  }
  return moves;
}
