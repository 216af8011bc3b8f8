/**
 * A speaker that restarts under routers with graceful restart: FRR and BIRD help it over IPv4, and over IPv6 no graceful restart is offered. The
 * figures are printed; what is asserted is which routes a router held at every look.
 */
import { spawnSync } from "node:child_process";
import { type Bird, type Lab, type LabNode, PLAN, Scope, startBird, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses } from "./lab-service.ts";
import { hostPrefix, peer, ROUTED_POOL, routedAdvertisement, webService } from "./routed-objects.ts";
import { birdPaths, configureFrr, frrNeighbors, frrPaths } from "./routing/routers.ts";

const assets = labAssets();
const lacking = ["bird", "birdc"].filter((name) => spawnSync(name, ["--version"]).error);
if (lacking.length > 0) {
  const reason = `the tests of graceful restart lack ${lacking.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
}

/** The ways to a prefix that each table held at each look. */
type Table = "FRR" | "BIRD" | "kernel";

describe.skipIf(assets === null || lacking.length > 0)("FRR and BIRD, while a speaker restarts", () => {
  let scope: Scope;
  let lab: Lab;
  let bird: Bird;
  let node: LabNode;
  let prefixes: { readonly kept: string; readonly lost: string };

  const nextHopsOf = async (table: Table, prefix: string): Promise<readonly string[]> => {
    if (table === "FRR") return (await frrPaths(lab.router, prefix)).map(({ nextHop }) => nextHop);
    if (table === "BIRD") return (await birdPaths(bird, prefix)).map(({ nextHop }) => nextHop);
    const family = prefix.includes(":") ? "-6" : "-4";
    const text = await lab.topology.router.namespace.ip(family, "route", "show", prefix.replace(/\/.*/, ""));
    return [...text.matchAll(/via (\S+)/g)].map(([, via]) => via ?? "");
  };
  /** The next hop of a node's own routes; the kernel has the link-local one, which the lab's hardware addresses end in. */
  const ownOf = (table: Table, prefix: string, { ipv4, ipv6, mac }: LabNode): string => {
    if (!prefix.includes(":")) return ipv4;
    return table === "kernel" ? `fe80::5eff:fe00:${mac.slice(-5).replace(":", "")}` : ipv6;
  };

  /** Looks at the tables again and again during `action`; gives for each table how often, and for how long, a node's way was not there. */
  const watch = async (
    prefix: string,
    of: LabNode,
    action: () => Promise<unknown>,
  ): Promise<Readonly<Record<Table, { looks: number; missed: number; gap: number }>>> => {
    const over = new AbortController();
    const follow = async (table: Table): Promise<{ looks: number; missed: number; gap: number }> => {
      const seen = { looks: 0, missed: 0, gap: 0 };
      let since: number | null = null;
      while (!over.signal.aborted) {
        const isThere = (await nextHopsOf(table, prefix)).includes(ownOf(table, prefix, of));
        seen.looks++;
        if (!isThere) seen.missed++;
        since = isThere ? null : (since ?? performance.now());
        if (since !== null) seen.gap = Math.max(seen.gap, Math.round(performance.now() - since));
      }
      return seen;
    };
    const following = Promise.all((["FRR", "BIRD", "kernel"] as const).map(follow));
    try {
      await action();
    } finally {
      over.abort();
    }
    const [FRR, BIRD, kernel] = await following;
    if (FRR === undefined || BIRD === undefined || kernel === undefined) throw new Error("no table");
    return { FRR, BIRD, kernel };
  };
  const untilEverywhere = async (prefix: string, isThere: boolean, of = node): Promise<void> => {
    for (const table of ["FRR", "BIRD", "kernel"] as const) {
      await until(`${table} ${isThere ? "to hold" : "to have lost"} ${prefix} by ${of.name}`, async () => {
        return (await nextHopsOf(table, prefix)).includes(ownOf(table, prefix, of)) === isThere;
      });
    }
  };
  const start = async (of: LabNode): Promise<void> => {
    const speaker = lab.cluster.startSpeaker(of);
    lab.speakers.set(of.name, speaker);
    await lab.cluster.untilReady(speaker, of.namespace.name);
  };
  const speakerOf = (of: LabNode) => {
    const speaker = lab.speakers.get(of.name);
    if (speaker === undefined) throw new Error(`no speaker on ${of.name}`);
    return speaker;
  };
  const sessionsWithFrr = async (address: string): Promise<number> =>
    (await frrNeighbors(lab.router))[address]?.connectionsEstablished ?? 0;
  /**
   * Ends the speaker of a node, starts it again, and waits until every route is back. Returns the last NOTIFICATION that FRR had of the node over IPv6
   * when the speaker was gone.
   */
  const restart = async (of: LabNode, signal: NodeJS.Signals): Promise<string | undefined> => {
    const before = await sessionsWithFrr(of.ipv4);
    await speakerOf(of).stop(signal);
    const last = (await frrNeighbors(lab.router))[of.ipv6]?.lastErrorCodeSubcode;
    await start(of);
    await until("the next session with FRR", async () => (await sessionsWithFrr(of.ipv4)) > before);
    await untilEverywhere(prefixes.kept, true, of);
    await untilEverywhere(prefixes.lost, true, of);
    return last;
  };

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { router, nodes } = lab.topology;
    const [first] = nodes;
    if (first === undefined) throw new Error("no node");
    node = first;
    bird = await startBird(scope, lab.topology, { label: "bird", host: 3, as: 64510 });
    await lab.cluster.startWorkload({ app: "web" });
    const kept = ", enableGracefulRestart: true";
    await lab.cluster.apply(
      [
        ROUTED_POOL + routedAdvertisement(),
        peer("frr4", PLAN.routerAs, router.ipv4, kept),
        peer("frr6", PLAN.routerAs, router.ipv6),
        peer("bird4", bird.as, bird.ipv4, kept),
        peer("bird6", bird.as, bird.ipv6),
        webService("web"),
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const [ipv4 = "", ipv6 = ""] = await untilAddresses(lab, "web", 2);
    prefixes = { kept: hostPrefix(ipv4), lost: hostPrefix(ipv6) };
    for (const each of nodes) {
      await untilEverywhere(prefixes.kept, true, each);
      await untilEverywhere(prefixes.lost, true, each);
    }
  });
  afterAll(() => scope.close());

  it.each(["SIGTERM", "SIGKILL"] as const)("keep every route over a restart by %s", async (signal) => {
    const seen = await watch(prefixes.kept, node, () => restart(node, signal));
    process.stderr.write(`graceful restart by ${signal}: ${JSON.stringify(seen)}\n`);
    for (const { looks, missed } of Object.values(seen)) {
      expect(looks).toBeGreaterThan(5);
      expect(missed).toBe(0);
    }
  });

  it("lose the routes of a session without graceful restart until the speaker is back", async () => {
    let last: string | undefined;
    const seen = await watch(prefixes.lost, node, async () => {
      last = await restart(node, "SIGTERM");
    });
    process.stderr.write(`restart without graceful restart: ${JSON.stringify(seen)}\n`);
    for (const { missed } of Object.values(seen)) expect(missed).toBeGreaterThan(0);
    // A Cease where no graceful restart was negotiated: Administrative Shutdown.
    expect(last).toBe("0602");
  });

  it("lose the route of a Service that is deleted while the speaker is away, with End-of-RIB", async () => {
    await lab.cluster.apply(webService("short"));
    await lab.cluster.expose({ namespace: "default", name: "short" }, "http");
    const [ipv4 = ""] = await untilAddresses(lab, "short", 2);
    await untilEverywhere(hostPrefix(ipv4), true);
    await speakerOf(node).stop("SIGTERM");
    await lab.cluster.kubectl(["delete", "service", "short"]);
    await untilEverywhere(hostPrefix(ipv4), false, lab.topology.nodes[1]);
    // The routers keep it: nobody has told them otherwise.
    expect(await nextHopsOf("FRR", hostPrefix(ipv4))).toEqual([node.ipv4]);
    await start(node);
    await untilEverywhere(hostPrefix(ipv4), false);
    await untilEverywhere(prefixes.kept, true);
  });

  it("lose the routes of a cordoned node when its speaker stops, at once", async () => {
    const leaving = lab.topology.nodes[1];
    if (leaving === undefined) throw new Error("no second node");
    await lab.cluster.kubectl(["cordon", leaving.name]);
    const speaker = speakerOf(leaving);
    await until("the speaker to know of the cordon", async () => {
      const text = await lab.cluster.kubectl(["get", "node", leaving.name, "-o", "jsonpath={.spec.unschedulable}"]);
      return text === "true";
    });
    await speaker.stop("SIGTERM");
    const before = performance.now();
    await untilEverywhere(prefixes.kept, false, leaving);
    process.stderr.write(
      `a goodbye: the routes were gone ${Math.round(performance.now() - before)} ms after the end\n`,
    );
    expect(speaker.output()).toContain("the node leaves service");
    // FRR has RFC 8538, so that only a Hard Reset has it drop the routes; it shows the NOTIFICATION inside.
    const said = [...speaker.output().matchAll(/"name":"(Cease[^"]*)"/g)].map(([, name = ""]) => name).toSorted();
    const ceases = Array.from({ length: 3 }, () => "Cease/Administrative Shutdown");
    expect(said).toEqual([...ceases, "Cease/Hard Reset"]);
    expect((await frrNeighbors(lab.router))[leaving.ipv4]?.lastErrorCodeSubcode).toBe("0602");
    expect(await bird.show("show protocols all node_b_4")).toMatch(/Received: (Administrative shutdown|Hard reset)/);
    await lab.cluster.kubectl(["uncordon", leaving.name]);
    await start(leaving);
    await untilEverywhere(prefixes.kept, true, leaving);
  });

  it("keep the routes of a speaker that stays away as the least preferred ones, where that is asked for", async () => {
    const { router } = lab.topology;
    await configureFrr(router, [`router bgp ${PLAN.routerAs}`, "bgp long-lived-graceful-restart stale-time 60"]);
    const before = await sessionsWithFrr(node.ipv4);
    const times = ", enableGracefulRestart: true, gracefulRestartTime: 2s, longLivedStaleTime: 60s";
    await lab.cluster.apply(peer("frr4", PLAN.routerAs, router.ipv4, times));
    await until("the session with these times", async () => (await sessionsWithFrr(node.ipv4)) > before);
    await untilEverywhere(prefixes.kept, true);
    await speakerOf(node).stop("SIGTERM");
    await until("LLGR_STALE", async () => {
      const own = (await frrPaths(lab.router, prefixes.kept)).find(({ nextHop }) => nextHop === node.ipv4);
      return own !== undefined && own.communities.some((each) => /llgr-stale|^65535:6$/.test(each));
    });
    await start(node);
    await until("the route without the mark", async () => {
      const own = (await frrPaths(lab.router, prefixes.kept)).find(({ nextHop }) => nextHop === node.ipv4);
      return own !== undefined && own.communities.length === 0;
    });
  });
});
