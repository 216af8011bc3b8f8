import { spawnSync } from "node:child_process";
import { type Bird, type Lab, PLAN, Scope, startBird, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";
import { hostPrefix, object, peer, webService, type WebServiceOptions } from "./routed-objects.ts";
import { captureBgp } from "./routing/bgp-capture.ts";
import { birdPaths, configureFrr, frrNeighbors, frrPaths, type HeldPath, tcpCounter } from "./routing/routers.ts";

const assets = labAssets();
const lacking = ["bird", "birdc", "tcpdump", "tshark"].filter((name) => spawnSync(name, ["--version"]).error);
if (lacking.length > 0) {
  const reason = `the routers' tests lack ${lacking.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
}

const pool = (name: string, addresses: readonly string[]): string =>
  object("IPAddressPool", name, `{autoAssign: false, addresses: ${JSON.stringify(addresses)}}`);
const advertisement = (name: string, more: string): string =>
  object("BGPAdvertisement", name, `{ipAddressPools: [${name}]${more}}`);
const service = (name: string, from: string, policy: WebServiceOptions["policy"] = "Cluster"): string =>
  webService(name, { annotations: { "metallb.io/address-pool": from }, policy });

describe.skipIf(assets === null || lacking.length > 0)("FRR and BIRD, with the speakers of three nodes", () => {
  let scope: Scope;
  let lab: Lab;
  let bird: Bird;
  /** BIRD in the nodes' own autonomous system. */
  let internal: Bird;

  /** A path from every node named, or from all. */
  const pathsFrom = (prefix: string, names?: readonly string[]): readonly Partial<HeldPath>[] =>
    lab.topology.nodes
      .filter(({ name }) => names?.includes(name) ?? true)
      .map(({ ipv4, ipv6 }) => ({
        nextHop: prefix.includes(":") ? ipv6 : ipv4,
        asPath: String(PLAN.clusterAs),
        origin: "IGP",
      }));

  /** Waits until both routers hold as many ways to a prefix as `count`, and returns them. */
  const untilHeld = (prefix: string, count: number): Promise<readonly (readonly HeldPath[])[]> =>
    until(`FRR and BIRD to hold ${count} ways to ${prefix}`, async () => {
      const held = [await frrPaths(lab.router, prefix), await birdPaths(bird, prefix)];
      return held.every((paths) => paths.length === count) && held;
    });

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { router } = lab.topology;
    bird = await startBird(scope, lab.topology, { label: "bird", host: 3, as: 64510 });
    internal = await startBird(scope, lab.topology, { label: "internal", host: 4, as: PLAN.clusterAs });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        pool("routed", ["203.0.113.0/25", "2001:db8:0:113::/116"]),
        pool("marked", ["203.0.113.128/25", "2001:db8:0:113::8000/116"]),
        advertisement("routed", ""),
        peer("frr4", PLAN.routerAs, router.ipv4),
        peer("frr6", PLAN.routerAs, router.ipv6),
        peer("bird4", bird.as, bird.ipv4),
        peer("bird6", bird.as, bird.ipv6),
        peer("internal4", internal.as, internal.ipv4),
        service("web", "routed"),
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
  });
  afterAll(() => scope.close());

  it("hold the routes over IPv4 and IPv6 with the right next hop, AS_PATH and ORIGIN", async () => {
    for (const address of await untilAddresses(lab, "web", 2)) {
      const prefix = hostPrefix(address);
      const expected = pathsFrom(prefix);
      expect(await untilHeld(prefix, 3)).toMatchObject([expected, expected]);
      expect((await untilAnswer(lab.topology.farClient, address)).pod).toMatch(/^web-/);
    }
  });

  it("hold the communities, LOCAL_PREF and aggregates that a BGPAdvertisement asks for", async () => {
    const attributes =
      ", aggregationLength: 28, aggregationLengthV6: 124, communities: ['64501:100', '64501:7'], localPref: 150";
    await lab.cluster.apply(advertisement("marked", attributes) + service("marked", "marked"));
    await lab.cluster.expose({ namespace: "default", name: "marked" }, "http");
    expect(await untilAddresses(lab, "marked", 2)).toEqual(["203.0.113.128", "2001:db8:0:113::8000"]);
    const communities = ["64501:7", "64501:100"];
    for (const prefix of ["203.0.113.128/28", "2001:db8:0:113::8000/124"]) {
      const [frr, fromBird] = await untilHeld(prefix, 3);
      const expected = pathsFrom(prefix).map((path) => ({ ...path, communities }));
      expect(frr).toMatchObject(expected);
      expect(fromBird).toMatchObject(expected);
      for (const address of ["203.0.113.128/32", "2001:db8:0:113::8000/128"])
        expect(await frrPaths(lab.router, address)).toEqual([]);
    }
    // RFC 4271 §5.1.5: LOCAL_PREF goes to internal peers alone, whose AS_PATH stays empty.
    const held = await until("the internal peer to hold three ways", async () => {
      const paths = await birdPaths(internal, "203.0.113.128/28");
      return paths.length === 3 && paths;
    });
    expect(held).toMatchObject(
      pathsFrom("203.0.113.128/28").map((path) => ({ ...path, asPath: "", localPref: 150, communities })),
    );
  });

  it("hold routes of a Service with the policy Local from the nodes of its endpoints alone", async () => {
    await lab.cluster.apply(service("local", "routed", "Local"));
    await lab.cluster.expose({ namespace: "default", name: "local" }, "http", ["node-b"]);
    for (const address of await untilAddresses(lab, "local", 2)) {
      const prefix = hostPrefix(address);
      const fromB = pathsFrom(prefix, ["node-b"]);
      expect(await untilHeld(prefix, 1)).toMatchObject([fromB, fromB]);
      const answer = await untilAnswer(lab.topology.farClient, address);
      expect(answer).toEqual({
        pod: "web-2",
        saw: address.includes(":") ? lab.topology.farClient.ipv6 : lab.topology.farClient.ipv4,
      });
    }
    await lab.cluster.expose({ namespace: "default", name: "local" }, "http", ["node-a", "node-c"]);
    for (const address of await untilAddresses(lab, "local", 2)) {
      const prefix = hostPrefix(address);
      const moved = pathsFrom(prefix, ["node-a", "node-c"]);
      expect(await untilHeld(prefix, 2)).toMatchObject([moved, moved]);
    }
  });

  it("lose the routes of a deleted Service, and no others", async () => {
    const addresses = await untilAddresses(lab, "local", 2);
    await lab.cluster.kubectl(["delete", "service", "local"]);
    for (const address of addresses) await untilHeld(hostPrefix(address), 0);
    for (const address of await untilAddresses(lab, "web", 2)) await untilHeld(hostPrefix(address), 3);
  });

  it("are spoken to with the TCP MD5 password of a Secret, and not with a wrong one", async () => {
    const { router, nodes } = lab.topology;
    const [prefix = ""] = (await untilAddresses(lab, "web", 2)).map(hostPrefix);
    const secret = (password: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: frr4, namespace: metallb-system}
type: kubernetes.io/basic-auth
stringData: {password: ${password}}
---`;
    const rejected = async (counter: string, during: () => Promise<unknown>): Promise<void> => {
      const before = await tcpCounter(router, counter);
      await during();
      await until(`a segment counted as ${counter}`, async () => (await tcpCounter(router, counter)) > before);
      const neighbors = await frrNeighbors(lab.router);
      for (const { ipv4 } of nodes) expect(neighbors[ipv4]?.bgpState).not.toBe("Established");
      expect(await frrPaths(lab.router, prefix)).toEqual([]);
    };

    const passwords = nodes.map(({ ipv4 }) => `neighbor ${ipv4} password right-1`);
    await rejected("TcpExtTCPMD5NotFound", () => configureFrr(router, [`router bgp ${PLAN.routerAs}`, ...passwords]));
    await rejected("TcpExtTCPMD5Failure", () =>
      lab.cluster.apply(secret("wrong-1") + peer("frr4", PLAN.routerAs, router.ipv4, ", passwordSecret: {name: frr4}")),
    );
    await lab.cluster.apply(secret("right-1"));
    await untilHeld(prefix, 3);
  });

  it("see a Cease when a speaker is told to stop, and nothing announced after it", async () => {
    const { router, nodes } = lab.topology;
    const leaving = nodes[2];
    const speaker = lab.speakers.get("node-c");
    if (leaving === undefined || speaker === undefined) throw new Error("no node-c");
    const prefixes = (await untilAddresses(lab, "web", 2)).map(hostPrefix);
    const capture = await captureBgp(scope, router, [leaving.ipv4, leaving.ipv6]);
    await speaker.stop("SIGTERM");
    expect(await speaker.exited).toBe(0);
    for (const prefix of prefixes) {
      const staying = pathsFrom(prefix, ["node-a", "node-b"]);
      expect(await untilHeld(prefix, 2)).toMatchObject([staying, staying]);
    }
    const neighbors = await frrNeighbors(lab.router);
    for (const address of [leaving.ipv4, leaving.ipv6]) {
      // Cease, Administrative Shutdown: RFC 4486 §3.
      expect(neighbors[address]).toMatchObject({ lastErrorCodeSubcode: "0602" });
      expect(neighbors[address]?.bgpState).not.toBe("Established");
    }
    for (const family of [4, 6])
      expect(await bird.show(`show protocols all node_c_${family}`)).toContain("Received: Administrative shutdown");
    const seen = await capture.messages();
    for (const address of [leaving.ipv4, leaving.ipv6])
      expect(seen.filter(({ from }) => from === address).at(-1)?.type).toBe("NOTIFICATION");
  });
});
