import { type Daemon, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServices, CROWD, SMALL, WIDE_POOL } from "./allocation/crowd.ts";
import { untilSettled } from "./allocation/idle.ts";
import { labAssets } from "./assets.ts";
import { requestsOfHerald } from "./herald-requests.ts";
import { ControlPlane } from "./webhook/control-plane.ts";

const assets = labAssets();
const SERVICES = 150;
const PORT = 17_472;
const FREE = "198.18.200.1";
const OUTSIDE = "203.0.113.9";
/** Failures of the API server while the controller is busy. */
const TROUBLES: readonly { readonly name: string; readonly harm: (plane: ControlPlane) => Promise<void> }[] = [
  {
    name: "somebody else writes the same Services meanwhile",
    async harm(plane) {
      for (const turn of ["1", "2", "3"]) {
        await plane.kubectl(["annotate", "services", "--all", "-n", CROWD, "--overwrite", `example.org/turn=${turn}`]);
      }
    },
  },
  {
    name: "the API server hangs for five seconds",
    async harm({ api }) {
      const { pid } = api.apiServer();
      process.kill(pid, "SIGSTOP");
      await new Promise((resolve) => void setTimeout(resolve, 5_000));
      process.kill(pid, "SIGCONT");
    },
  },
  { name: "the API server is killed and comes back", harm: ({ api }) => api.restart("SIGKILL") },
];

interface SeenService {
  readonly metadata: { readonly name: string };
  readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] } };
}

describe.skipIf(assets === null)("allocation on a real API server in trouble", () => {
  let scope: Scope;
  let plane: ControlPlane;
  let controller: Daemon;
  let created = 0;

  beforeAll(async () => {
    scope = new Scope();
    plane = await ControlPlane.start(scope, "trouble", assets ?? "");
    await plane.kubectl(["apply", "--server-side", "-f", "-"], WIDE_POOL);
    controller = await startController();
  });
  afterAll(async () => {
    // Nothing that is stopped ends in good order.
    for (const pid of [controller?.pid, plane?.api.apiServer().pid]) if (pid !== undefined) resume(pid);
    await scope.close();
  });

  async function startController(): Promise<Daemon> {
    const daemon = plane.daemon("controller", ["--port=0", `--health-probe-port=${PORT}`]);
    await until("the controller to lead", async () =>
      /\bleading\b/.test((await plane.curl([`http://127.0.0.1:${PORT}/readyz`])).body),
    );
    return daemon;
  }

  /** The addresses of every Service, by its name. */
  async function held(): Promise<ReadonlyMap<string, string>> {
    const { items } = JSON.parse(await plane.kubectl(["get", "services", "-n", CROWD, "-o", "json"])) as {
      readonly items: readonly SeenService[];
    };
    return new Map(
      items.map(({ metadata, status }) => [
        metadata.name,
        (status.loadBalancer.ingress ?? []).map(({ ip }) => ip).join(" "),
      ]),
    );
  }
  const servedNow = async (): Promise<number> => [...(await held()).values()].filter((text) => text !== "").length;

  it.each(TROUBLES)("serves all with one write each while $name", async ({ harm }) => {
    const since = Date.now();
    process.kill(controller.pid, "SIGSTOP");
    await createServices(scope, plane, { count: SERVICES, from: created, parallel: 8, spec: SMALL });
    const before = created;
    created += SERVICES;
    process.kill(controller.pid, "SIGCONT");
    await until("some to be served", async () => (await servedNow()) > before, { everyMs: 10 });
    await harm(plane);
    await until("all to be served", async () => (await servedNow()) === created, { timeoutMs: 60_000, everyMs: 200 });
    await untilSettled(plane);

    expect(new Set((await held()).values()).size).toBe(created);
    const accepted = requestsOfHerald(plane, since).filter(
      ({ verb, objectRef, responseStatus }) =>
        verb === "patch" &&
        objectRef?.resource === "services" &&
        objectRef.subresource === "status" &&
        responseStatus?.code === 200,
    );
    const writes = Map.groupBy(accepted, ({ objectRef }) => objectRef?.name ?? "");
    expect([...writes].filter(([, { length }]) => length !== 1)).toEqual([]);
    // What was accepted just before the server died is in no audit log.
    expect(writes.size).toBeGreaterThan(SERVICES - 10);
  });

  const edit = async (name: string, ip: string): Promise<void> => {
    const patch = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip }] } } });
    await plane.kubectl(["patch", "service", name, "-n", CROWD, "--subresource=status", "--type=merge", "-p", patch]);
  };
  const untilHolding = (name: string, wanted: (address: string) => boolean): Promise<string> =>
    until(`${name} to hold what it shall`, async () => {
      const address = (await held()).get(name) ?? "";
      return wanted(address) && address;
    });
  const messages = async (name: string, reason: string): Promise<string> => {
    const selector = `--field-selector=involvedObject.name=${name},reason=${reason}`;
    return plane.kubectl(["get", "events", "-n", CROWD, selector, "-o", "jsonpath={.items[*].message}"]);
  };

  it("restores a status that was edited to what cannot be, and says why", async () => {
    await createServices(scope, plane, { count: 1, from: created, spec: SMALL });
    const name = `service-${created++}`;
    const given = await untilHolding(name, (address) => address !== "");
    await edit(name, OUTSIDE);
    expect(await untilHolding(name, (address) => address === given)).toBe(given);
    expect(await until("the Event", async () => (await messages(name, "StatusRestored")) || null)).toContain(OUTSIDE);
  });

  it("adopts a legal address that was written while there was no controller, and replaces an illegal one", async () => {
    await createServices(scope, plane, { count: 2, from: created, spec: SMALL });
    const [legal, illegal] = [`service-${created++}`, `service-${created++}`] as const;
    for (const name of [legal, illegal]) await untilHolding(name, (address) => address !== "");
    await controller.stop();
    await edit(legal, FREE);
    await edit(illegal, OUTSIDE);
    controller = await startController();
    await untilHolding(illegal, (address) => address !== "" && address !== OUTSIDE);
    await untilSettled(plane);
    expect((await held()).get(legal)).toBe(FREE);
    expect(await until("the Event", async () => (await messages(illegal, "ClearAssignment")) || null)).toContain(
      `${OUTSIDE} is in no pool`,
    );
  });
});

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It has ended by itself.
  }
}
