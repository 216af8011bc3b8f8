/** The attributes of routes as FRR and BIRD hold and print them: what a BGPAdvertisement says beyond MetalLB, and what Services may say. */
import { spawnSync } from "node:child_process";
import { type Bird, type Lab, PLAN, Scope, startBird, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses } from "./lab-service.ts";
import { peer, ROUTED_POOL, routedAdvertisement, webService } from "./routed-objects.ts";
import { birdPaths, configureFrr, frrNeighbors, frrPaths } from "./routing/routers.ts";

const assets = labAssets();
const lacking = ["bird", "birdc"].filter((name) => spawnSync(name, ["--version"]).error);
if (lacking.length > 0) {
  const reason = `the tests of BGP policy lack ${lacking.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
}

interface FrrAttributes {
  readonly metric?: number;
  readonly community?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
  readonly extendedCommunity?: { readonly string: string };
}

describe.skipIf(assets === null || lacking.length > 0)("FRR and BIRD, with policy", () => {
  let scope: Scope;
  let lab: Lab;
  let bird: Bird;
  /** BIRD in the nodes' own autonomous system. */
  let internal: Bird;
  let ipv4: string;
  let ipv6: string;

  /** The paths to a prefix with everything that FRR prints of them. */
  const attributesAtFrr = async (prefix: string): Promise<readonly FrrAttributes[]> => {
    const family = prefix.includes(":") ? "ipv6" : "ipv4";
    const shown = await lab.router.showJson<{ readonly paths?: readonly FrrAttributes[] }>(
      `show bgp ${family} unicast ${prefix} json`,
    );
    return shown.paths ?? [];
  };
  const shownByBird = (of: Bird, prefix: string): Promise<string> =>
    of.show(`show route all for ${prefix}`).catch(() => "");
  const kubectl = (...args: readonly string[]): Promise<string> => lab.cluster.kubectl([...args]);

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { router } = lab.topology;
    bird = await startBird(scope, lab.topology, { label: "bird", host: 3, as: 64510 });
    internal = await startBird(scope, lab.topology, { label: "internal", host: 4, as: PLAN.clusterAs });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        ROUTED_POOL,
        routedAdvertisement({}),
        peer("frr4", PLAN.routerAs, router.ipv4),
        peer("frr6", PLAN.routerAs, router.ipv6),
        peer("bird4", bird.as, bird.ipv4),
        peer("bird6", bird.as, bird.ipv6),
        peer("internal4", internal.as, internal.ipv4),
        webService("web"),
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const [first = "", second = ""] = await untilAddresses(lab, "web", 2);
    [ipv4, ipv6] = [`${first}/32`, `${second}/128`];
    for (const prefix of [ipv4, ipv6])
      await until(`three ways to ${prefix}`, async () => (await frrPaths(lab.router, prefix)).length === 3);
  });
  afterAll(() => scope.close());

  it("hold MED, prepending, communities of each kind, and print them", async () => {
    await lab.cluster.apply(
      routedAdvertisement({
        med: 77,
        asPathPrepend: 2,
        communities: ["64501:100", "large:64501:1:2"],
        extendedCommunities: ["rt:64501:5", "ro:192.0.2.1:6", "rt:4200000000:7"],
      }),
    );
    const path = Array.from({ length: 3 }, () => PLAN.clusterAs).join(" ");
    for (const prefix of [ipv4, ipv6]) {
      const held = await until(`FRR to hold the attributes of ${prefix}`, async () => {
        const paths = await attributesAtFrr(prefix);
        return paths.length === 3 && paths.every(({ metric }) => metric === 77) && paths;
      });
      for (const each of held) {
        expect(each.community?.string).toBe("64501:100");
        expect(each.largeCommunity?.string).toBe("64501:1:2");
        const extended = each.extendedCommunity?.string ?? "";
        expect(extended.split(" ").toSorted()).toEqual(["RT:4200000000:7", "RT:64501:5", "SoO:192.0.2.1:6"]);
      }
      expect((await frrPaths(lab.router, prefix)).map(({ asPath }) => asPath)).toEqual([path, path, path]);
      const text = await until(`BIRD to hold the attributes of ${prefix}`, async () => {
        const shown = await shownByBird(bird, prefix);
        return shown.split("BGP.med: 77").length === 4 && shown;
      });
      expect(text.match(/BGP\.as_path: .*/g)).toEqual(Array.from({ length: 3 }, () => `BGP.as_path: ${path}`));
      expect(text.split("BGP.community: (64501,100)")).toHaveLength(4);
      expect(text.split("BGP.large_community: (64501, 1, 2)")).toHaveLength(4);
      for (const community of ["(rt, 64501, 5)", "(ro, 192.0.2.1, 6)", "(rt, 4200000000, 7)"])
        expect(text.split(community)).toHaveLength(4);
    }
    // Inside its AS a route has an empty path, and prepending changes nothing.
    const inside = await birdPaths(internal, ipv4);
    expect(inside.map(({ asPath }) => asPath)).toEqual(["", "", ""]);
    const status = await until("a ServiceBGPStatus with the attributes", async () => {
      const text = await kubectl("get", "servicebgpstatuses", "-n", "metallb-system", "-o", "json");
      return text.includes('"asPathPrepend": 2') && text;
    });
    for (const word of ['"med": 77', '"ro:192.0.2.1:6"', '"large:64501:1:2"']) expect(status).toContain(word);
  });

  it("hold the next hops that replace the nodes' own", async () => {
    const [nextHop, nextHopV6] = [lab.topology.client.ipv4, lab.topology.client.ipv6];
    await lab.cluster.apply(routedAdvertisement({ nextHop, nextHopV6 }));
    for (const [prefix, hop] of [
      [ipv4, nextHop],
      [ipv6, nextHopV6],
    ] as const) {
      await until(`${prefix} by ${hop}`, async () => {
        const held = [await frrPaths(lab.router, prefix), await birdPaths(bird, prefix)];
        return held.every((paths) => paths.length === 3 && paths.every((each) => each.nextHop === hop));
      });
    }
    await lab.cluster.apply(routedAdvertisement({}));
  });

  it("hold what a Service asks for and the advertisement allows", async () => {
    await lab.cluster.apply(
      routedAdvertisement({
        serviceOverrides: { communities: ["64501:200"], localPref: { minimum: 10, maximum: 20 } },
      }),
    );
    await lab.cluster.apply(
      webService("web", {
        annotations: {
          "herald-lb.io/bgp-communities": "64501:200,64501:666",
          "herald-lb.io/bgp-local-pref": "15",
        },
      }),
    );
    await until("the community that is allowed, alone", async () => {
      const paths = await attributesAtFrr(ipv4);
      return paths.length === 3 && paths.every(({ community }) => community?.string === "64501:200");
    });
    await until("the LOCAL_PREF", async () =>
      (await birdPaths(internal, ipv4)).every(({ localPref }) => localPref === 15),
    );
    const refused = await until("what is refused", async () => {
      const text = await kubectl("get", "servicebgpstatuses", "-n", "metallb-system", "-o", "json");
      return text.includes("64501:666") && text;
    });
    expect(refused).toContain("herald-lb.io/bgp-communities");
    await lab.cluster.apply(webService("web") + routedAdvertisement({}));
  });

  it("see a cordoned node's routes as in graceful shutdown, and an excluded one's until they are withdrawn", async () => {
    const [node] = lab.topology.nodes;
    if (node === undefined) throw new Error("no node");
    const pathsOf = async (): Promise<
      readonly { readonly nextHop: string; readonly communities: readonly string[] }[]
    > => frrPaths(lab.router, ipv4);
    const markOf = async (): Promise<boolean | null> => {
      const own = (await pathsOf()).find(({ nextHop }) => nextHop === node.ipv4);
      return own === undefined ? null : own.communities.some((each) => /graceful-shutdown|^65535:0$/.test(each));
    };
    await lab.cluster.apply(routedAdvertisement({ gracefulShutdownTime: "3s" }));
    expect(await markOf()).toBe(false);
    await kubectl("cordon", node.name);
    await until("the mark of a cordoned node", async () => (await markOf()) === true);
    await until("LOCAL_PREF 0 inside the AS", async () => {
      const own = (await birdPaths(internal, ipv4)).find(({ nextHop }) => nextHop === node.ipv4);
      return own?.localPref === 0;
    });
    // RFC 8326 §4.2: FRR prefers the others of its own accord.
    const best = await lab.topology.router.namespace.ip("-4", "route", "show", ipv4.replace(/\/.*/, ""));
    expect(best).not.toContain(node.ipv4);
    await kubectl("uncordon", node.name);
    await until("no mark", async () => (await markOf()) === false);
    await kubectl("label", "node", node.name, "node.kubernetes.io/exclude-from-external-load-balancers=");
    await until("the mark of an excluded node", async () => (await markOf()) === true);
    const marked = performance.now();
    await until("the withdrawal", async () => (await markOf()) === null);
    process.stderr.write(
      `graceful shutdown of 3 s: withdrawn ${Math.round(performance.now() - marked)} ms after the mark was seen\n`,
    );
    await kubectl("label", "node", node.name, "node.kubernetes.io/exclude-from-external-load-balancers-");
    await until("the route again", async () => (await markOf()) === false);
    await lab.cluster.apply(routedAdvertisement({}));
  });

  it("divide traffic by the ready endpoints of each node", async () => {
    await configureFrr(lab.topology.router, [`router bgp ${PLAN.routerAs}`, "bgp bestpath bandwidth skip-missing"]);
    await lab.cluster.apply(
      routedAdvertisement({ linkBandwidthPerEndpoint: 100 }) + webService("local", { policy: "Local" }),
    );
    // Kubernetes makes one Pod a node in the lab; a further EndpointSlice stands for a second and a third on node-a.
    await lab.cluster.expose({ namespace: "default", name: "local" }, "http", ["node-a", "node-b"]);
    const [address = ""] = await untilAddresses(lab, "local", 2);
    const [first, second] = lab.topology.nodes;
    if (first === undefined || second === undefined) throw new Error("no nodes");
    const endpoint = (ip: string) => ({ addresses: [ip], conditions: { ready: true }, nodeName: first.name });
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "local-more", namespace: "default", labels: { "kubernetes.io/service-name": "local" } },
      addressType: "IPv4",
      endpoints: [endpoint("198.51.100.250"), endpoint("198.51.100.251")],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    };
    await lab.cluster.apply(`${JSON.stringify(slice)}\n`);
    const text = await until("weights of 3 to 1 in the kernel of FRR", async () => {
      const shown = await lab.topology.router.namespace.ip("-4", "route", "show", address);
      const weights = new Map(
        [...shown.matchAll(/via (\S+) dev \S+ weight (\d+)/g)].map(([, via, weight]) => [via, Number(weight)]),
      );
      const [a = 0, b = 0] = [weights.get(first.ipv4), weights.get(second.ipv4)];
      return b > 0 && Math.abs(a / b - 3) < 0.1 && shown;
    });
    process.stderr.write(`weights by endpoints:\n${text}\n`);
    const shown = await lab.router.show(`show bgp ipv4 unicast ${address}/32`);
    process.stderr.write(`${shown}\n`);
    expect(shown).toMatch(/LB:64501:37500000/);
    await lab.cluster.apply(routedAdvertisement({}));
  });

  it("warn before the maximum-prefix of the router closes the session", async () => {
    const { router } = lab.topology;
    const condition = (): Promise<string> =>
      kubectl(
        "get",
        "bgppeer",
        "frr4",
        "-n",
        "metallb-system",
        "-o",
        'jsonpath={.status.conditions[?(@.type=="WithinMaxPrefixes")].reason}',
      );
    expect(await condition()).toBe("");
    await lab.cluster.apply(peer("frr4", PLAN.routerAs, router.ipv4, ", maxPrefixesSent: 4"));
    await until("WithinLimit", async () => (await condition()) === "WithinLimit");
    for (const name of ["third", "fourth"]) {
      await lab.cluster.apply(webService(name));
      await lab.cluster.expose({ namespace: "default", name }, "http");
    }
    await until("NearLimit", async () => (await condition()) === "NearLimit", { timeoutMs: 60_000 });
    for (const { ipv4: address } of lab.topology.nodes)
      expect((await frrNeighbors(lab.router))[address]?.bgpState).toBe("Established");
  });
});
