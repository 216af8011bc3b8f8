import { spawnSync } from "node:child_process";
import { debianRoot, type Lab, PLAN, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { startInteropBird } from "./interop/bird.ts";
import { startExabgp } from "./interop/exabgp.ts";
import { startInteropFrr } from "./interop/frr.ts";
import { startGobgp } from "./interop/gobgp.ts";
import { type InteropPath, type InteropRouter, PASSWORD } from "./interop/interop-router.ts";
import { startOpenbgpd } from "./interop/openbgpd.ts";
import { untilAddresses } from "./lab-service.ts";
import { hostPrefix, object, peer, webService } from "./routed-objects.ts";

const assets = labAssets();
const lacking = ["bird", "gobgpd", "/usr/sbin/bgpd", "exabgp", "mmdebstrap"].filter(
  (name) => spawnSync(name, ["--version"]).error,
);
if (lacking.length > 0) {
  const reason = `the tests with other BGP implementations lack ${lacking.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
}

/** The implementations, as the matrix in docs/conformance/bgp-interop.md names them. */
const NAMES = ["FRR 8", "FRR 10", "BIRD 2", "BIRD 3", "GoBGP 3", "ExaBGP 4", "OpenBGPD 7"];

/** Implementations without a command that asks for the routes again. */
const WITHOUT_REFRESH = ["GoBGP 3", "ExaBGP 4"];

const COMMUNITIES = ["64501:7", "64501:100"];
const LARGE_COMMUNITIES = ["64501:1:2", "64501:1:3"];
const ADDED = [...COMMUNITIES, ...LARGE_COMMUNITIES.map((each) => `large:${each}`)];
const pool = (name: string, addresses: readonly string[]): string =>
  object("IPAddressPool", name, JSON.stringify({ autoAssign: false, addresses }));
const advertisement = (name: string, spec: object): string =>
  object("BGPAdvertisement", name, JSON.stringify({ ipAddressPools: [name], ...spec }));
const service = (name: string, from: string): string =>
  webService(name, { annotations: { "metallb.io/address-pool": from } });
const CONFIGURATION = [
  pool("plain", ["203.0.113.0/25", "2001:db8:0:113::/116"]),
  pool("marked", ["203.0.113.128/25", "2001:db8:0:113::8000/116"]),
  advertisement("plain", {}),
  advertisement("marked", { communities: ADDED }),
].join("");

describe.skipIf(assets === null || lacking.length > 0)("BGP with other implementations", () => {
  let scope: Scope;
  let lab: Lab;
  let routers: ReadonlyMap<string, InteropRouter>;
  const routerOf = (name: string): InteropRouter => {
    const router = routers.get(name);
    if (router === undefined) throw new Error(`no router is ${name}`);
    return router;
  };
  const peerOver = ({ name, as, ipv4, ipv6 }: InteropRouter, family: 4 | 6, more: string): string =>
    peer(`${name.toLowerCase().replace(" ", "-")}-ipv${family}`, as, family === 4 ? ipv4 : ipv6, more);
  const prefixesOf = async (name: string): Promise<readonly string[]> =>
    (await untilAddresses(lab, name, 2)).map(hostPrefix);
  /** A path from every node. */
  const expected = (prefix: string, more: Partial<InteropPath> = {}): readonly InteropPath[] =>
    lab.topology.nodes.map(({ ipv4, ipv6 }) => ({
      nextHop: prefix.includes(":") ? ipv6 : ipv4,
      asPath: String(PLAN.clusterAs),
      communities: [],
      largeCommunities: [],
      ...more,
    }));
  /** The paths to a prefix, each next hop once: over two sessions a router has each path twice. */
  const untilHeld = (router: InteropRouter, prefix: string, count: number): Promise<readonly InteropPath[]> =>
    until(`${router.name} to hold ${count} ways to ${prefix}`, async () => {
      const paths = new Map((await router.paths(prefix)).map((path) => [path.nextHop, path]));
      return paths.size === count && [...paths.values()];
    });

  beforeAll(async () => {
    scope = new Scope();
    const root = await debianRoot("trixie", ["bird3", "frr", "iproute2"]);
    lab = await startLab(scope, { assets: assets ?? "" });
    const { topology } = lab;
    const started = [
      await startInteropFrr(scope, topology, { name: "FRR 8", label: "frr8", host: 23 }),
      await startInteropFrr(scope, topology, { name: "FRR 10", label: "frr10", host: 24, root }),
      await startInteropBird(scope, topology, { name: "BIRD 2", label: "bird2", host: 25 }),
      await startInteropBird(scope, topology, { name: "BIRD 3", label: "bird3", host: 26, root }),
      await startGobgp(scope, topology),
      await startExabgp(scope, topology),
      await startOpenbgpd(scope, topology),
    ];
    routers = new Map(started.map((router) => [router.name, router]));
    await lab.cluster.startWorkload({ app: "web" });
    const peers = started.map(
      (router) => peerOver(router, 4, ", dualStackAddressFamily: true") + peerOver(router, 6, ', password: "wrong-1"'),
    );
    const services = service("web", "plain") + service("marked", "marked") + service("gone", "plain");
    await lab.cluster.apply(CONFIGURATION + peers.join("") + services);
    for (const name of ["web", "marked", "gone"]) await lab.cluster.expose({ namespace: "default", name }, "http");
  });
  afterAll(() => scope.close());

  describe.each(NAMES)("%s", (name) => {
    it("holds the routes of both families over IPv4 with the right next hop and AS_PATH", async () => {
      for (const prefix of await prefixesOf("web"))
        expect(await untilHeld(routerOf(name), prefix, 3)).toMatchObject(expected(prefix));
    });

    it("prints the communities and large communities of a BGPAdvertisement", async () => {
      for (const prefix of await prefixesOf("marked")) {
        const more = { communities: COMMUNITIES, largeCommunities: LARGE_COMMUNITIES };
        const held = await untilHeld(routerOf(name), prefix, 3);
        const sorted = held.map(({ communities, largeCommunities, ...path }) => ({
          ...path,
          communities: communities.toSorted(byNumber),
          largeCommunities: largeCommunities.toSorted(byNumber),
        }));
        expect(sorted).toMatchObject(expected(prefix, more));
      }
    });

    it("is asked nothing over IPv6 with a wrong TCP MD5 password, and has the session with the right one", async () => {
      const router = routerOf(name);
      const { nodes } = lab.topology;
      for (const { ipv4 } of nodes)
        await until(`${name} to have the session with ${ipv4}`, () => router.isEstablished(ipv4));
      for (const { ipv6 } of nodes) expect(await router.isEstablished(ipv6)).toBe(false);
      await lab.cluster.apply(peerOver(router, 6, `, password: "${PASSWORD}"`));
      for (const { ipv6 } of nodes)
        await until(`${name} to have the session with ${ipv6}`, () => router.isEstablished(ipv6));
    });

    if (WITHOUT_REFRESH.includes(name)) return;
    it("is told everything again where it asks by ROUTE-REFRESH", async () => {
      const { refresh, updatesFrom } = routerOf(name);
      if (refresh === undefined || updatesFrom === undefined) throw new Error(`${name} has no command for it`);
      const [{ ipv4 } = { ipv4: "" }] = lab.topology.nodes;
      const before = await updatesFrom(ipv4);
      await refresh(ipv4);
      await until(`${name} to be told its routes again`, async () => (await updatesFrom(ipv4)) > before);
      for (const prefix of await prefixesOf("web"))
        expect(await untilHeld(routerOf(name), prefix, 3)).toMatchObject(expected(prefix));
    });
  });

  describe("after a Service is deleted", () => {
    let prefixes: readonly string[];
    beforeAll(async () => {
      prefixes = await prefixesOf("gone");
      await lab.cluster.kubectl(["delete", "service", "gone"]);
    });

    it.each(NAMES)("%s loses its routes, and no others", async (name) => {
      for (const prefix of prefixes) await untilHeld(routerOf(name), prefix, 0);
      for (const prefix of await prefixesOf("web")) await untilHeld(routerOf(name), prefix, 3);
    });
  });

  describe("after a speaker is told to stop", () => {
    const leaving = (): Lab["topology"]["nodes"][number] => {
      const node = lab.topology.nodes[2];
      if (node === undefined) throw new Error("no third node");
      return node;
    };
    beforeAll(async () => {
      const speaker = lab.speakers.get(leaving().name);
      await speaker?.stop("SIGTERM");
    });

    it.each(NAMES)("%s has read its Cease, and holds nothing of it", async (name) => {
      const router = routerOf(name);
      for (const prefix of await prefixesOf("web")) await untilHeld(router, prefix, 2);
      const words = await until(`${name} to tell of the Cease`, async () => {
        const told = await router.lastNotification(leaving().ipv4);
        return told !== "" && told;
      });
      process.stdout.write(`${name}: ${words}\n`);
      // ExaBGP 4.2 knows no NOTIFICATION in an established session, and says that it came.
      expect(words).toMatch(/administrative.*shutdown|speaker of this node stops|message of type "3"/i);
    });
  });
});

function byNumber(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
