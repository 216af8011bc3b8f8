import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Bird, type Frr, type Lab, type LabNode, PLAN, Scope, startBird, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses } from "./lab-service.ts";
import { hostPrefix, object, ROUTED_POOL, routedAdvertisement, webService } from "./routed-objects.ts";
import { birdPaths, configureFrr, frrNeighbors, frrPaths, tcpCounter } from "./routing/routers.ts";

const assets = labAssets();

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface FrrConnection {
  readonly bgpState: string;
  readonly connectionsEstablished: number;
  readonly portLocal?: number;
  readonly portForeign?: number;
}

describe.skipIf(assets === null)("sessions that routers open, with FRR and BIRD", () => {
  let scope: Scope;
  let lab: Lab;
  let frr: Frr;
  let bird: Bird;
  let nodes: readonly LabNode[];
  let prefixes: readonly string[];

  /** Has the BGPPeers of these names and specs, and no others. */
  const havePeers = async (peers: Readonly<Record<string, string>>): Promise<void> => {
    const manifest = Object.entries(peers).map(([name, spec]) =>
      object("BGPPeer", name, `{myASN: ${PLAN.clusterAs}, connectTime: 1s, ${spec}}`, "v1beta2"),
    );
    const listed = await lab.cluster.kubectl(["get", "bgppeer", "-n", "metallb-system", "-o", "name"]);
    const gone = listed.split("\n").filter((line) => line !== "" && peers[line.split("/")[1] ?? ""] === undefined);
    if (gone.length > 0) await lab.cluster.kubectl(["delete", "-n", "metallb-system", ...gone]);
    await lab.cluster.apply(manifest.join(""));
  };
  const frrLines = (...lines: readonly string[]): Promise<void> =>
    configureFrr(lab.topology.router, [`router bgp ${PLAN.routerAs}`, ...lines]);
  /** FRR connects to every node over IPv4, or waits for them. */
  const frrConnects = (connects: boolean): Promise<void> =>
    frrLines(...nodes.map(({ ipv4 }) => `${connects ? "no " : ""}neighbor ${ipv4} passive`));
  const connectionsOfFrr = async (): Promise<readonly FrrConnection[]> => {
    const neighbors = (await frrNeighbors(frr)) as Readonly<Record<string, FrrConnection>>;
    return nodes.flatMap(({ ipv4 }) => neighbors[ipv4] ?? []);
  };
  const untilFrrHas = (count: number): Promise<readonly FrrConnection[]> =>
    until(`FRR to have ${count} sessions`, async () => {
      const connections = await connectionsOfFrr();
      return connections.filter(({ bgpState }) => bgpState === "Established").length === count && connections;
    });
  const untilFrrHolds = (prefix: string, count: number): ReturnType<typeof frrPaths> =>
    until(`FRR to hold ${count} ways to ${prefix}`, async () => {
      const paths = await frrPaths(frr, prefix);
      return paths.length === count && paths;
    });
  /** Reports of sessions that keep changing come a minute late at most. */
  const untilCondition = (peer: string, holds: (condition: Condition) => boolean): Promise<Condition> =>
    until(
      `the condition of ${peer}`,
      async () => {
        const text = await lab.cluster.kubectl(["get", "bgppeer", peer, "-n", "metallb-system", "-o", "json"]);
        const { status } = JSON.parse(text) as { readonly status?: { readonly conditions?: readonly Condition[] } };
        const condition = status?.conditions?.find(({ type }) => type === "Established");
        return condition !== undefined && holds(condition) && condition;
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    frr = lab.router;
    ({ nodes } = lab.topology);
    bird = await startBird(scope, lab.topology, { label: "bird", host: 3, as: 64510, active: true });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(ROUTED_POOL + routedAdvertisement() + webService("web"));
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    prefixes = (await untilAddresses(lab, "web", 2)).map(hostPrefix);
  });
  afterAll(() => scope.close());

  it("come up on the nodes' listener, and hold the routes", async () => {
    const [ipv4 = ""] = prefixes;
    await havePeers({
      frr: `peerASN: ${PLAN.routerAs}, peerAddress: ${lab.topology.router.ipv4}, connectionMode: Passive`,
      bird: `peerASN: ${bird.as}, peerAddress: "${bird.ipv6}", connectionMode: Passive, dualStackAddressFamily: true`,
    });
    const { message } = await untilCondition("frr", ({ reason }) => reason === "Waiting");
    expect(message).toContain("waits on TCP port 179 for a connection of 192.0.2.1:179");
    await frrConnects(true);
    for (const { portForeign } of await untilFrrHas(3)) expect(portForeign).toBe(179);
    await untilFrrHolds(ipv4, 3);
    for (const prefix of prefixes)
      await until(`BIRD to hold ${prefix}`, async () => (await birdPaths(bird, prefix)).length === 3);
    expect((await untilCondition("frr", ({ status }) => status === "True")).reason).toBe("Established");
  });

  it("end as one when both sides connect at once, again and again", async () => {
    const [ipv4 = ""] = prefixes;
    await frrConnects(true);
    await havePeers({
      frr: `peerASN: ${PLAN.routerAs}, peerAddress: ${lab.topology.router.ipv4}, connectionMode: Both`,
      bird: `peerASN: ${bird.as}, peerAddress: ${bird.ipv4}, connectionMode: Both`,
    });
    for (let round = 0; round < 4; round++) {
      await untilFrrHas(3);
      await untilFrrHolds(ipv4, 3);
      await until("BIRD to hold the routes", async () => (await birdPaths(bird, ipv4)).length === 3);
      for (const { namespace } of nodes) {
        const lines = (await namespace.run("ss", ["-Htn", "state", "established", "( sport = :179 or dport = :179 )"]))
          .split("\n")
          .filter((line) => line !== "");
        expect(lines).toHaveLength(2);
      }
      if (round === 3) break;
      await frr.show("clear bgp *");
      await bird.show("restart all");
      await until("FRR to have ended its sessions", async () =>
        (await connectionsOfFrr()).some(({ bgpState }) => bgpState !== "Established"),
      ).catch(() => {});
    }
  });

  it("come up with the right TCP MD5 password on the listener, and not with a wrong one", async () => {
    const [first] = nodes;
    if (first === undefined) throw new Error("no node");
    const passive = `peerASN: ${PLAN.routerAs}, peerAddress: ${lab.topology.router.ipv4}, connectionMode: Passive`;
    await frrLines(...nodes.map(({ ipv4 }) => `neighbor ${ipv4} password right-1`));
    await havePeers({ frr: `${passive}, password: wrong-1` });
    const before = await tcpCounter(first, "TcpExtTCPMD5Failure");
    await until(
      "a segment with a wrong signature",
      async () => (await tcpCounter(first, "TcpExtTCPMD5Failure")) > before,
    );
    expect((await connectionsOfFrr()).filter(({ bgpState }) => bgpState === "Established")).toEqual([]);
    await havePeers({ frr: `${passive}, password: right-1` });
    await untilFrrHas(3);
    await frrLines(...nodes.map(({ ipv4 }) => `no neighbor ${ipv4} password`));
  });

  it("are dynamic: every router of a prefix has one, and no more than the maximum", async () => {
    await havePeers({ rack: `dynamicASN: external, peerPrefix: ${PLAN.segment4}.0/24` });
    await untilFrrHas(3);
    const [ipv4 = ""] = prefixes;
    await untilFrrHolds(ipv4, 3);
    await until("BIRD to hold the routes", async () => (await birdPaths(bird, ipv4)).length === 3);
    await untilCondition("rack", ({ status }) => status === "True");
    await havePeers({ rack: `peerASN: ${bird.as}, peerPrefix: ${PLAN.segment4}.0/24` });
    await untilFrrHas(0);
    await until("BIRD to hold the routes again", async () => (await birdPaths(bird, ipv4)).length === 3);
  });

  it("bear a thousand connections of a stranger, and of a router that says next to nothing", async () => {
    const [node] = nodes;
    const speaker = lab.speakers.get(node?.name ?? "");
    if (node === undefined || speaker === undefined) throw new Error("no node");
    const passive = "connectionMode: Passive";
    await frrConnects(true);
    await havePeers({
      bird: `peerASN: ${bird.as}, peerAddress: ${bird.ipv4}, ${passive}`,
      frr: `peerASN: ${PLAN.routerAs}, peerAddress: ${lab.topology.router.ipv4}, ${passive}`,
      rack: `dynamicASN: external, peerPrefix: ${lab.topology.client.ipv4}/32, maxSessions: 4`,
    });
    const [ipv4 = ""] = prefixes;
    await until("BIRD to hold the routes", async () => (await birdPaths(bird, ipv4)).length === 3);
    await untilFrrHas(3);
    const descriptors = (): number => readdirSync(`/proc/${speaker.pid}/fd`).length;
    const atRest = descriptors();
    const script = resolve(import.meta.dirname, "routing/connection-flood.ts");
    const flood = (host: { readonly namespace: { readonly name: string } }, octets: number) =>
      scope.spawn({
        name: "flood",
        namespace: host.namespace.name,
        command: process.execPath,
        args: [script, node.ipv4, "179", "1000", String(octets)],
        input: true,
      });
    // A stranger, a router of a range, and one that is established already.
    const floods = [flood(lab.topology.apiServer, 0), flood(lab.topology.client, 12), flood(lab.topology.router, 20)];
    for (const each of floods)
      await until("a thousand connections", () => /opened 1000, closed (99\d|1000)/.test(each.output())).catch(() => {
        throw new Error(`not a thousand connections of ${floods.indexOf(each)}: ${each.output().slice(-500)}`);
      });
    expect(descriptors()).toBeLessThan(atRest + 8);
    expect((await birdPaths(bird, ipv4)).length).toBe(3);
    expect((await untilFrrHas(3)).length).toBe(3);
    for (const each of floods) await each.stop("SIGKILL");
  });

  it("run between link-local addresses on an interface, unnumbered, with the routes of both families", async () => {
    const [node] = nodes;
    if (node === undefined) throw new Error("no node");
    await node.namespace.connectTo(
      lab.topology.router.namespace,
      { interface: "up0", addresses: [] },
      { interface: "down0", addresses: [] },
    );
    await frrLines(
      "neighbor down0 interface remote-as external",
      "neighbor down0 timers connect 2",
      "address-family ipv4 unicast",
      "neighbor down0 activate",
      "exit-address-family",
      "address-family ipv6 unicast",
      "neighbor down0 activate",
      "exit-address-family",
    );
    await havePeers({
      up: "dynamicASN: external, interface: up0, nodeSelectors: [{matchLabels: {kubernetes.io/hostname: node-a}}]",
    });
    for (const prefix of prefixes) {
      const [path] = await untilFrrHolds(prefix, 1).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await frr.show("show bgp neighbors down0")}`, { cause: error });
      });
      expect(path).toMatchObject({ asPath: String(PLAN.clusterAs), origin: "IGP" });
    }
    await untilCondition("up", ({ status }) => status === "True");
    // The link-local address of the router's end becomes another one.
    await lab.topology.router.namespace.ip("link", "set", "down0", "down");
    await until("the routes to go", async () => (await frrPaths(frr, prefixes[0] ?? "")).length === 0);
    await lab.topology.router.namespace.ip("link", "set", "down0", "address", "02:00:5e:00:53:77", "up");
    for (const prefix of prefixes) await untilFrrHolds(prefix, 1);
  });

  it("are bound to the device of a VRF, and one that is missing is named until it is there", async () => {
    await frrConnects(false);
    const peer = `peerASN: ${PLAN.routerAs}, peerAddress: ${lab.topology.router.ipv4}`;
    await havePeers({ frr: `${peer}, vrf: red` });
    const { message } = await untilCondition("frr", ({ reason }) => reason === "NoSuchDevice");
    expect(message).toContain("red");
    // Not every kernel has VRFs: any device that leads to the router shows the binding.
    await havePeers({ frr: `${peer}, vrf: eth0` });
    await untilFrrHas(3);
  });
});
