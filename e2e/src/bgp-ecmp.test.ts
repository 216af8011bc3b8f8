/** Three nodes behind one router, which divides a client's connections among them: rolling restart, drain, and the loss of a node's power. */
import { type Lab, type LabNode, measureOutage, type Outage, PLAN, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";
import { peer, profile, ROUTED_POOL, routedAdvertisement, webService } from "./routed-objects.ts";
import { frrPaths } from "./routing/routers.ts";

const assets = labAssets();
/** The Hold Time that ends a session without BFD is 90 seconds: what is over by now, BFD has ended. */
const FAILING_BOUND = 5_000;

const BFD = ", bfdProfile: fast";

describe.skipIf(assets === null)("a client of an address that three nodes announce to one router", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let lab: Lab;
  let addresses: { readonly ipv4: string; readonly ipv6: string };

  const nodeNamed = (name: string): LabNode => {
    const node = lab.topology.nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`no ${name}`);
    return node;
  };
  const urlOf = (address: string): string => `http://${address.includes(":") ? `[${address}]` : address}/`;
  /** The next hops of an address in the router's kernel. */
  const waysTo = async (address: string): Promise<number> => {
    const family = address.includes(":") ? "-6" : "-4";
    const text = await lab.topology.router.namespace.ip(family, "route", "show", address);
    return text.match(/via /g)?.length ?? 0;
  };
  const untilWays = (count: number): Promise<unknown> =>
    until(`the router to have ${count} ways to each address`, async () => {
      const ways = [await waysTo(addresses.ipv4), await waysTo(addresses.ipv6)];
      return ways.every((each) => each === count);
    });
  /** Asks an address a hundred times a second while something is done. */
  const during = async (what: string, address: string, action: () => Promise<unknown>): Promise<Outage> => {
    const asking = measureOutage(scope, lab.topology.farClient.namespace, urlOf(address), { everyMs: 10 });
    await until("the first answers", async () => asking.soFar().attempts > 20);
    await action();
    const before = asking.soFar().attempts;
    await until("a second of further answers", async () => asking.soFar().attempts > before + 100);
    const outage = await asking.stop();
    const { failed, attempts, failingMs } = outage;
    figures.push(`${what}: ${failed} of ${attempts} requests lost, within ${failingMs.toFixed(0)} ms`);
    return outage;
  };
  const restart = async (node: LabNode): Promise<void> => {
    await lab.speakers.get(node.name)?.stop("SIGTERM");
    const speaker = lab.cluster.startSpeaker(node);
    lab.speakers.set(node.name, speaker);
    await lab.cluster.untilReady(speaker, node.namespace.name);
  };
  const restartAll = async (): Promise<void> => {
    for (const node of lab.topology.nodes) {
      await restart(node);
      await untilWays(3);
    }
  };

  beforeAll(async () => {
    lab = await startLab(scope, {
      assets: assets ?? "",
      router: {
        daemons: ["bgpd", "bfdd"],
        neighborLines: (neighbor) => (neighbor.includes(":") ? [] : [` neighbor ${neighbor} bfd 3 50 50`]),
      },
    });
    const { router, nodes } = lab.topology;
    // By ports as well: one client's connections go to all nodes.
    for (const version of ["ipv4.fib", "ipv6.fib"])
      await router.namespace.run("sysctl", ["-qw", `net.${version}_multipath_hash_policy=1`]);
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        ROUTED_POOL,
        routedAdvertisement({ gracefulShutdownTime: "2s" }),
        profile("fast", 300, 3),
        peer("router4", PLAN.routerAs, router.ipv4, BFD),
        peer("router6", PLAN.routerAs, router.ipv6, ", enableGracefulRestart: true"),
        webService("web"),
      ].join(""),
    );
    // The node that will lose its power has no Pod: what is lost is what is sent to it, and not what others forward to it.
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http", ["node-a", "node-b"]);
    const [ipv4 = "", ipv6 = ""] = await untilAddresses(lab, "web", 2);
    addresses = { ipv4, ipv6 };
    await untilWays(nodes.length);
    for (const address of [ipv4, ipv6]) await untilAnswer(lab.topology.farClient, address);
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(`${figures.join("\n")}\n`);
  });

  it("loses no request while every speaker restarts gracefully", async () => {
    const { failed } = await during("rolling restart, graceful", addresses.ipv6, restartAll);
    expect(failed).toBe(0);
  });

  it("is served by the other nodes while each speaker restarts without graceful restart", async () => {
    const { lostMs } = await during("rolling restart, not graceful", addresses.ipv4, restartAll);
    expect(lostMs).toBeLessThan(FAILING_BOUND);
  });

  it("loses no request while a node is drained with graceful shutdown, and comes back", async () => {
    const label = "node.kubernetes.io/exclude-from-external-load-balancers";
    const { failed } = await during("drain with graceful shutdown", addresses.ipv4, async () => {
      await lab.cluster.kubectl(["cordon", "node-c"]);
      await lab.cluster.kubectl(["label", "node", "node-c", `${label}=`]);
      await untilWays(2);
      await lab.cluster.kubectl(["label", "node", "node-c", `${label}-`]);
      await lab.cluster.kubectl(["uncordon", "node-c"]);
      await untilWays(3);
    });
    expect(failed).toBe(0);
  });

  it("is served by the other nodes soon after one has lost its power", async () => {
    await lab.cluster.apply(profile("fast", 50, 3));
    const node = nodeNamed("node-c");
    await until("BFD to have the faster intervals", async () => {
      const peers =
        await lab.router.showJson<readonly { readonly peer: string; readonly "remote-transmit-interval": number }[]>(
          "show bfd peers json",
        );
      return peers.some((each) => each.peer === node.ipv4 && each["remote-transmit-interval"] === 50);
    });
    const { failingMs } = await during("power lost, BFD 50 ms times 3", addresses.ipv4, async () => {
      await lab.topology.segment.ip("link", "set", "p-node-c", "down");
      await lab.speakers.get("node-c")?.stop("SIGKILL");
      await until("the router to have two ways", async () => (await waysTo(addresses.ipv4)) === 2);
    });
    expect(failingMs).toBeLessThan(FAILING_BOUND);
    expect((await frrPaths(lab.router, `${addresses.ipv4}/32`)).map(({ nextHop }) => nextHop)).not.toContain(node.ipv4);
  });
});
