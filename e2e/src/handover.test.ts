/**
 * Herald beyond MetalLB, where an address changes its node, or should not: cordons, selectors, sticky owners, and a node that is cut off
 * from everything. The figures are printed; what is asserted is who answers, and bounds that hold on any machine.
 */
import { HERALD_NAMESPACE, type LabNode, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { portOf, SegmentFaults } from "./guarantees/segment-fault.ts";
import { GAP_BOUND, WatchedLab } from "./guarantees/watched-lab.ts";
import { untilAnswer } from "./lab-service.ts";

/** Requests of the client for which a state is watched: about two seconds. */
const REQUESTS = 40;
const assets = labAssets();

interface Status {
  readonly node: string;
  readonly reason?: string;
  readonly previousNode?: string;
  readonly detectedBy?: readonly string[];
}

describe.skipIf(assets === null)("an address on layer 2", () => {
  const scope = new Scope();
  let watched: WatchedLab;
  let faults: SegmentFaults;

  const kubectl = (...args: readonly string[]): Promise<string> => watched.lab.cluster.kubectl([...args]);
  const patchAdvertisement = (spec: object): Promise<string> =>
    kubectl(
      "patch",
      "l2advertisement",
      "segment",
      "-n",
      HERALD_NAMESPACE,
      "--type=merge",
      "-p",
      JSON.stringify({ spec }),
    );
  const untilAnnounces = (node: LabNode): Promise<unknown> =>
    until(`${node.name} to announce`, async () => (await watched.failing.announcer())?.name === node.name);
  const untilStatus = (wanted: Status): Promise<unknown> =>
    until(`the one ServiceL2Status to be ${JSON.stringify(wanted)}`, async () => {
      const list = JSON.parse(await kubectl("get", "servicel2statuses", "-n", HERALD_NAMESPACE, "-o", "json")) as {
        readonly items: readonly { readonly status?: Status }[];
      };
      const [only, ...more] = list.items;
      return (
        more.length === 0 &&
        Object.entries(wanted).every(
          ([field, value]) => String(only?.status?.[field as keyof Status]) === String(value),
        )
      );
    });

  beforeAll(async () => {
    watched = await WatchedLab.start(scope, assets ?? "", [
      "--avoid-cordoned",
      "--avoid-taints=maintenance",
      "--isolated=yield",
    ]);
    faults = new SegmentFaults(watched.lab.topology);
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(watched.report());
  });

  it.each([
    { change: "a cordon", on: ["cordon"], off: ["uncordon"] },
    { change: "a taint", on: ["taint", "maintenance=soon:NoSchedule"], off: ["taint", "maintenance-"] },
  ])(
    "moves by $change of its node and comes back after it, and clients are served throughout",
    async ({ change, on, off }) => {
      const node = await watched.announcer();
      const of = ([verb = "", ...rest]: readonly string[]): Promise<string> =>
        kubectl(verb, ...(verb === "taint" ? ["node"] : []), node.name, ...rest);
      const { outage } = await watched.observe(`${change}, and back`, async (client) => {
        await of(on);
        await watched.untilOtherAnnounces(node);
        await client.untilAsked(REQUESTS);
        await of(off);
        await untilAnnounces(node);
        await client.untilAsked(REQUESTS);
      });
      expect(outage.lostMs).toBeLessThan(GAP_BOUND);
    },
  );

  it("moves when nodeSelectors change and back, and clients are served throughout", async () => {
    const node = await watched.announcer();
    const others = watched.lab.topology.nodes.filter((each) => each !== node).map(({ name }) => name);
    const { outage } = await watched.observe("nodeSelectors without the announcer, and back", async (client) => {
      const values = { key: "kubernetes.io/hostname", operator: "In", values: others };
      await patchAdvertisement({ nodeSelectors: [{ matchExpressions: [values] }] });
      await watched.untilOtherAnnounces(node);
      await client.untilAsked(REQUESTS);
      await patchAdvertisement({ nodeSelectors: null });
      await untilAnnounces(node);
      await client.untilAsked(REQUESTS);
    });
    expect(outage.lostMs).toBeLessThan(GAP_BOUND);
  });

  it("that is sticky stays with the successor when the first node is back, and the status says why it is there", async () => {
    const first = await watched.announcer();
    await patchAdvertisement({ sticky: true });
    await watched.observe("sticky: the announcer crashes and returns", async () => {
      await watched.speakerOf(first).stop("SIGKILL");
      await watched.untilOtherAnnounces(first);
      const successor = await watched.announcer();
      const others = watched.lab.topology.nodes.filter((each) => each !== first).map(({ name }) => name);
      await untilStatus({ node: successor.name, reason: "NodeDied", previousNode: first.name, detectedBy: others });
      watched.failing.restart(first);
      await watched.lab.cluster.untilReady(watched.speakerOf(first), first.namespace.name);
      await watched.failing.untilWhole(successor);
    });
    const successor = await watched.announcer();
    const returned = await watched.observe("sticky: the first node is back", (client) => client.untilAsked(REQUESTS));
    expect(returned.outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(new Set(returned.claims.map(({ mac }) => mac))).not.toContain(first.mac);
    expect(successor.name).not.toBe(first.name);
    // Without stickiness the order decides again, and nothing is lost by it.
    const { outage } = await watched.observe("not sticky any more: back to the first node", async (client) => {
      await patchAdvertisement({ sticky: null });
      await untilAnnounces(first);
      await client.untilAsked(REQUESTS);
    });
    expect(outage.lostMs).toBeLessThan(GAP_BOUND);
    await untilStatus({ node: first.name, reason: "RanksFirst", previousNode: successor.name });
  });

  it("that is spread, each family by itself, is taken over from a node that crashes, and goes back to its home", async () => {
    const home = await watched.announcer();
    await patchAdvertisement({ addressDistribution: "Spread", electionScope: "IPFamily" });
    const { outage } = await watched.observe("spread: the announcer crashes and returns", async (client) => {
      await client.untilAsked(REQUESTS);
      expect((await watched.announcer()).name).toBe(home.name);
      await watched.speakerOf(home).stop("SIGKILL");
      await watched.untilOtherAnnounces(home);
      watched.failing.restart(home);
      await watched.lab.cluster.untilReady(watched.speakerOf(home), home.namespace.name);
      await untilAnnounces(home);
      await client.untilAsked(REQUESTS);
      await patchAdvertisement({ addressDistribution: null, electionScope: null });
      await client.untilAsked(REQUESTS);
    });
    expect(outage.lostMs).toBeLessThan(GAP_BOUND);
    expect((await watched.announcer()).name).toBe(home.name);
  });

  it("is not answered for by a node that is cut off from every other and from the API server, where it is to yield", async () => {
    const node = await watched.announcer();
    const { client, router } = watched.lab.topology;
    const seen = await watched.observe("cut off from everything, to yield", async (asking) => {
      await faults.setApi(node, "cut");
      await faults.split([portOf(node), "p-router"]);
      await watched.untilOtherAnnounces(node);
      await untilAnswer(client, watched.address);
      await router.namespace.ip("neigh", "flush", "to", watched.address);
      await expect(
        router.namespace.run("arping", ["-c", "1", "-w", "2", "-I", "eth0", watched.address]),
      ).rejects.toThrow();
      await asking.untilAsked(REQUESTS);
      await faults.join();
      await faults.setApi(node, "open");
      await watched.failing.untilWhole(node);
    });
    expect(seen.outage.lostMs).toBeLessThan(GAP_BOUND);
  });
});
