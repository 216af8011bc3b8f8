import { type Daemon, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServices, CROWD, SMALL, WIDE_POOL } from "./allocation/crowd.ts";
import { untilSettled } from "./allocation/idle.ts";
import { StatusWatch } from "./allocation/status-watch.ts";
import { labAssets } from "./assets.ts";
import { requestsOfHerald } from "./herald-requests.ts";
import { ownershipFaults } from "./high-availability/ownership.ts";
import { ControlPlane } from "./webhook/control-plane.ts";

const assets = labAssets();
const SERVICES = 2_000;
/** The number of Services that hold addresses when the test stops the leader. */
const STOPPED_AT = 400;
/** The time for which the leader is stopped, in milliseconds. */
const STOPPED = 30_000;
const LONGEST_DOUBLE = 1_000;
const PORTS = [17_472, 17_482] as const;
describe.skipIf(assets === null)("two controllers on a real API server", () => {
  let scope: Scope;
  let plane: ControlPlane;
  let daemons: readonly Daemon[];

  beforeAll(async () => {
    scope = new Scope();
    plane = await ControlPlane.start(scope, "ha", assets ?? "");
    await plane.kubectl(["apply", "--server-side", "-f", "-"], WIDE_POOL);
    daemons = PORTS.map((port, index) =>
      plane.daemon("controller", ["--port=0", `--health-probe-port=${port}`, `--pod-name=replica-${index}`]),
    );
  });
  afterAll(async () => {
    for (const { pid } of daemons ?? []) signal(pid, "SIGCONT");
    await scope.close();
  });

  const answers = (): Promise<readonly string[]> =>
    Promise.all(PORTS.map(async (port) => (await plane.curl([`http://127.0.0.1:${port}/readyz`])).body));

  /** The index of the one that leads while the other stands by for it. */
  const untilLed = (): Promise<number> =>
    until("one to lead and the other to stand by for it, both ready", async () => {
      const said = await answers();
      const leader = said.findIndex((text) => /\bleading\b/.test(text));
      const standby = said[1 - leader] ?? "";
      const isReady = said.every((text) => text.endsWith("\nok\n"));
      return leader >= 0 && isReady && standby.includes(`standing by for replica-${leader}_`) && { leader };
    }).then(({ leader }) => leader);

  it("move no address and double none when the leader is stopped for half a minute amid two thousand creations", async () => {
    const former = await untilLed();
    const { pid } = daemons[former] as Daemon;
    const watch = new StatusWatch(scope, plane, CROWD);
    const since = Date.now();
    const stopped = Promise.withResolvers<{ readonly held: number; readonly at: number }>();
    const resumed = Promise.withResolvers<void>();
    watch.onChange = () => {
      if (watch.served < STOPPED_AT) return;
      watch.onChange = () => {};
      process.kill(pid, "SIGSTOP");
      stopped.resolve({ held: watch.served, at: performance.now() });
      const timer = setTimeout(() => {
        signal(pid, "SIGCONT");
        resumed.resolve();
      }, STOPPED);
      scope.defer("the resumption", () => clearTimeout(timer));
    };
    await createServices(scope, plane, { count: SERVICES, parallel: 8, spec: SMALL });
    const { held, at } = await stopped.promise;
    expect(held).toBeLessThan(SERVICES);
    const createdAfter = performance.now() - at;
    await until("every Service to be served", () => watch.served === SERVICES, { timeoutMs: 60_000 }).catch(
      async (error: unknown) => {
        const said = daemons.map((daemon) => daemon.output().slice(-1_500));
        throw new Error(`${String(error)}: ${watch.served}\n${[...(await answers()), ...said].join("\n")}`);
      },
    );
    const servedAfter = performance.now() - at;
    await resumed.promise;
    expect(await untilLed()).toBe(1 - former);
    await untilSettled(plane);

    const { moves, doubles } = ownershipFaults(watch.changes);
    expect(moves).toEqual([]);
    expect(doubles.filter(({ lasted }) => lasted > LONGEST_DOUBLE)).toEqual([]);
    expect(new Set([...watch.holders.values()].flat()).size).toBe(SERVICES);

    const patches = requestsOfHerald(plane, since).filter(
      ({ verb, objectRef }) =>
        verb === "patch" && objectRef?.resource === "services" && objectRef.subresource === "status",
    );
    const written = Map.groupBy(
      patches.filter(({ responseStatus }) => responseStatus?.code === 200),
      ({ objectRef }) => objectRef?.name ?? "",
    );
    expect(written.size).toBe(SERVICES);
    expect([...written].filter(([, writes]) => writes.length !== 1)).toEqual([]);
    process.stdout.write(
      `stopped when ${held} of ${SERVICES} held addresses; the last one was created ${seconds(createdAfter)} later, all were served ` +
        `${seconds(servedAfter)} later; ${doubles.length} doubled, ${patches.length - SERVICES} status writes refused\n`,
    );
  });
});

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
