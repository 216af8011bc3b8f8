import { HERALD_NAMESPACE, type Lab, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { ClientLoop } from "./bad-input/client-loop.ts";
import { compact } from "./bad-input/etcd.ts";
import { untilEvent } from "./bad-input/events.ts";
import { ASKED, configurationManifest, GOOD, REFUSED, serviceManifest, TURNED_AWAY } from "./bad-input/objects.ts";
import { isWholeList, requestsOfHerald } from "./herald-requests.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";

const assets = labAssets();

/** Failures of the API server. */
const HARMS: readonly {
  readonly name: string;
  /** True where only a new list shows what changed meanwhile. */
  readonly forgets: boolean;
  readonly harm: (lab: Lab) => Promise<void>;
}[] = [
  {
    name: "hangs for five seconds",
    forgets: false,
    async harm({ api }) {
      const { pid } = api.apiServer();
      process.kill(pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      process.kill(pid, "SIGCONT");
    },
  },
  { name: "is killed and comes back", forgets: false, harm: ({ api }) => api.restart("SIGKILL") },
  {
    name: "comes back without its history",
    forgets: true,
    async harm(lab) {
      await compact(lab);
      await lab.api.restart("SIGKILL");
      await compact(lab);
    },
  },
];

describe.skipIf(assets === null)("bad input", () => {
  let scope: Scope;
  let lab: Lab;
  let created = 0;

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(GOOD);
    await create("web");
  });
  afterAll(() => scope.close());

  /** Creates a Service, and waits until it holds an address of each family. */
  async function create(name: string, spec: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
    await lab.cluster.expose({ namespace: "default", name }, "http");
    await lab.cluster.apply(serviceManifest(name, spec));
    return untilAddresses(lab, name, spec["ipFamilyPolicy"] === "SingleStack" ? 1 : 2);
  }

  /** A Service from before is answered, and one created now is served. */
  async function expectServing(): Promise<void> {
    const name = `later-${++created}`;
    const addresses = [...(await untilAddresses(lab, "web", 2)), ...(await create(name))];
    for (const address of addresses) await untilAnswer(lab.topology.client, address);
    await lab.cluster.kubectl(["delete", "service", name]);
  }

  async function untilAllReady(): Promise<void> {
    const { cluster, topology, controller, speakers } = lab;
    await cluster.untilReady(controller, topology.apiServer.namespace.name);
    for (const { name, namespace } of topology.nodes) {
      const speaker = speakers.get(name);
      if (speaker !== undefined) await cluster.untilReady(speaker, namespace.name);
    }
  }

  for (const { name, kind, spec, field } of TURNED_AWAY) {
    it(`${kind} ${name}: turned away by the schema, which names ${field}`, async () => {
      const answer = lab.cluster.apply(configurationManifest(kind, name, spec));
      await expect(answer).rejects.toThrow(`${field}:`);
    });
  }

  for (const { name, kind, spec, code, field } of REFUSED) {
    it(`${kind} ${name}: a condition and an Event name ${field}, everything else serves`, async () => {
      await lab.cluster.apply(configurationManifest(kind, name, spec));
      const object = { kind, name, namespace: HERALD_NAMESPACE };
      const path = 'jsonpath={range .status.conditions[?(@.type=="Accepted")]}{.status} {.message}{end}';
      const condition = await until(`a condition of ${name}`, () =>
        lab.cluster.kubectl(["get", kind, name, "-n", HERALD_NAMESPACE, "-o", path]).then((text) => text || null),
      );
      expect(condition).toMatch(/^False /);
      expect(condition).toContain(`${field}: `);
      const event = await untilEvent(lab, object, ({ reason }) => reason === code);
      expect(event).toMatchObject({ type: "Warning", message: expect.stringContaining(`${field}: `) });
      await expectServing();
      await lab.cluster.kubectl(["delete", kind, name, "-n", HERALD_NAMESPACE]);
    });
  }

  describe("a Service keeps what it holds, with an Event that says why, when it asks for", () => {
    let held: readonly string[];

    beforeAll(async () => {
      held = await create("asking", { ipFamilyPolicy: "SingleStack" });
      expect(held).toHaveLength(1);
    });

    for (const { name, address, message } of ASKED) {
      it(`${name}: ${address}`, async () => {
        const patch = JSON.stringify({ spec: { loadBalancerIP: address } });
        await lab.cluster.kubectl(["patch", "service", "asking", "--type=merge", "-p", patch]);
        const object = { kind: "Service", name: "asking", namespace: "default" };
        const event = await untilEvent(lab, object, (seen) => seen.message.includes(message));
        expect(event.type).toBe("Warning");
        expect(await untilAddresses(lab, "asking", 1)).toEqual(held);
        for (const kept of held) await untilAnswer(lab.topology.client, kept);
        await expectServing();
      });
    }

    it("is given an address that is free once it asks for that", async () => {
      const patch = JSON.stringify({ spec: { loadBalancerIP: "192.0.2.217" } });
      await lab.cluster.kubectl(["patch", "service", "asking", "--type=merge", "-p", patch]);
      await until("the address asked for", async () => (await untilAddresses(lab, "asking", 1))[0] === "192.0.2.217");
      await untilAnswer(lab.topology.client, "192.0.2.217");
    });
  });

  describe("the speakers answer all the while, and follow what changes afterwards, when the API server", () => {
    for (const { name, forgets, harm } of HARMS) {
      it(name, async () => {
        const addresses = await untilAddresses(lab, "web", 2);
        for (const address of addresses) await untilAnswer(lab.topology.client, address);
        const loop = new ClientLoop(lab.topology.client, addresses);
        const since = Date.now();
        await harm(lab);
        await untilAllReady();
        await expectServing();
        await loop.stop();
        expect(await untilAddresses(lab, "web", 2)).toEqual(addresses);
        expect(loop.failures).toEqual([]);
        expect(loop.asked).toBeGreaterThan(10);
        if (forgets) expect(requestsOfHerald(lab, since).filter(isWholeList)).not.toEqual([]);
      });
    }
  });
});
