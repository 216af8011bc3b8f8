/**
 * Every node serves, each its part of the clients: 64 clients with the kernel's own neighbour entries, four nodes. The figures are printed; what is asserted of times
 * are wide bounds.
 */
import {
  ClientCrowd,
  type CrowdClient,
  HERALD_NAMESPACE,
  type Lab,
  type LabNode,
  Scope,
  startLab,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { captureClaims, type Claim } from "./failover/claims.ts";
import { segmentService } from "./failover/segment-service.ts";
import { SegmentFaults } from "./guarantees/segment-fault.ts";
import { untilAddresses } from "./lab-service.ts";
import { speakerMetrics } from "./speaker-metrics.ts";

/** A takeover that takes longer is a failure, in milliseconds. */
const DEADLINE = 3_000;
const CLIENTS = 64;
const assets = labAssets();

interface Status {
  readonly node: string;
  readonly reason?: string;
  readonly clients?: number;
}

describe.skipIf(assets === null)("a Service that every node serves", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let lab: Lab;
  let crowd: ClientCrowd;
  let faults: SegmentFaults;
  let addresses: readonly string[];
  let ipv4 = "";
  let ipv6 = "";
  let claimsAtStart: readonly Claim[];

  const statuses = async (): Promise<readonly Status[]> => {
    const json = await lab.cluster.kubectl(["get", "servicel2statuses", "-n", HERALD_NAMESPACE, "-o", "json"]);
    return (JSON.parse(json) as { readonly items: readonly { readonly status: Status }[] }).items.map(
      ({ status }) => status,
    );
  };
  const countOf = async (address: string): Promise<ReadonlyMap<string, number>> => {
    const counts = new Map(lab.topology.nodes.map(({ name }) => [name, 0]));
    for (const server of (await crowd.servers(address)).values())
      if (server !== null) counts.set(server.name, (counts.get(server.name) ?? 0) + 1);
    return counts;
  };
  const patchAdvertisement = (spec: object): Promise<string> => {
    const patch = ["--type=merge", "-p", JSON.stringify({ spec })];
    return lab.cluster.kubectl(["patch", "l2advertisement", "segment", "-n", HERALD_NAMESPACE, ...patch]);
  };
  /** Waits until these nodes, and no others, have a status: all speakers have decided by then. */
  const untilServing = (nodes: readonly LabNode[]): Promise<unknown> =>
    until(`${nodes.length} nodes to serve`, async () => {
      const serving = (await statuses()).map(({ node }) => node).toSorted();
      return String(serving) === String(nodes.map(({ name }) => name).toSorted());
    });
  const without = (lost: LabNode): readonly LabNode[] => lab.topology.nodes.filter((node) => node !== lost);
  const node = (at: number): LabNode => {
    const found = lab.topology.nodes[at];
    if (found === undefined) throw new Error(`no node ${at}`);
    return found;
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "", nodes: 4 });
    faults = new SegmentFaults(lab.topology);
    crowd = await ClientCrowd.attach(scope, lab, CLIENTS);
    await lab.cluster.startWorkload({ app: "web" });
    const capture = await captureClaims(scope, lab.topology.client);
    const service = segmentService("ipFamilyPolicy: RequireDualStack, ");
    await lab.cluster.apply(service.replace("[segment]}", "[segment], loadSharing: PerClient}"));
    // The nodes that are to be lost have no endpoint: what is lost then is the way in alone.
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http", [node(0).name]);
    addresses = await untilAddresses(lab, "web", 2);
    ipv4 = addresses.find((address) => !address.includes(":")) ?? "";
    ipv6 = addresses.find((address) => address.includes(":")) ?? "";
    await untilServing(lab.topology.nodes);
    for (const address of addresses) await crowd.ask(address);
    claimsAtStart = await capture.claims();
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(figures.map((line) => `${line}\n`).join(""));
  });

  it("has sixteen of 64 clients on each of four nodes, in both families", async () => {
    for (const address of addresses) {
      const counts = await countOf(address);
      figures.push(`clients of ${address}: ${[...counts].map(([name, count]) => `${name} ${count}`).join(", ")}`);
      expect([...counts.values()]).toEqual([16, 16, 16, 16]);
    }
  });

  it("is announced to nobody: another host hears no claim", () => {
    expect(claimsAtStart.filter(({ address }) => addresses.includes(address))).toEqual([]);
  });

  it("has a status for each node with the number of its clients", async () => {
    await until(
      "the statuses to count all clients",
      // The kernels of the nodes may have asked as well, before kube-proxy took the address for theirs.
      async () =>
        (await statuses()).every(({ clients = 0 }) => clients >= (2 * CLIENTS) / 4 && clients < (2 * CLIENTS) / 3),
      { timeoutMs: 60_000 },
    );
    for (const { reason } of await statuses()) expect(reason).toBe("LoadSharing");
  });

  it("is confirmed by the node that a client has, also where another is its own by now", async () => {
    const [client] = await crowd.clientsOf(node(0), ipv4);
    const other = node(1);
    const dev = client?.interface ?? "";
    await crowd.namespace.ip("neigh", "replace", ipv4, "dev", dev, "lladdr", other.mac, "nud", "probe");
    const state = (): Promise<string> => crowd.namespace.ip("neigh", "show", "to", ipv4, "dev", dev);
    await until("the entry to be confirmed", async () => (await state()).includes("REACHABLE"));
    expect(await state()).toContain(other.mac);
    // The others have heard of it from that node, since the client asked it alone.
    const relayed = new RegExp(`herald_layer2_relays_sent_total\\{ip="${ipv4}"\\} [1-9]`);
    await until(`${other.name} to have told of it`, async () => relayed.test(await speakerMetrics(lab, other)));
    for (const each of without(other))
      await until(`${each.name} to have heard of it`, async () =>
        /herald_layer2_ignored_total\{reason="ClientRelayed"\} [1-9]/.test(await speakerMetrics(lab, each)),
      );
  });

  it("cannot be taken by another host, whose Duplicate Address Detection fails, and no client is disturbed by that", async () => {
    const before = await crowd.servers(ipv6);
    const host = lab.topology.client.namespace;
    await host.run("sysctl", ["-qw", "net.ipv6.conf.eth0.accept_dad=1"]);
    await host.ip("-6", "addr", "add", `${ipv6}/64`, "dev", "eth0");
    try {
      await until("the address to be found in use", async () =>
        (await host.ip("-6", "addr", "show", "dadfailed")).includes(ipv6),
      );
    } finally {
      await host.ip("-6", "addr", "del", `${ipv6}/64`, "dev", "eth0");
    }
    expect(await crowd.servers(ipv6)).toEqual(before);
  });

  it("loses none of the other nodes' clients when a node is lost, whose own are told of theirs", async () => {
    const lost = node(2);
    const before = new Map(
      await Promise.all(addresses.map(async (address) => [address, await crowd.servers(address)] as const)),
    );
    const measured = crowd.clients.slice(0, 16);
    const asking = crowd.measure(ipv4, measured);
    const began = Date.now();
    await until("the clients to ask", () => Date.now() - began > 2_000);
    await faults.setCable(lost, "down");
    await until("every client to have a live node", async () => {
      for (const address of addresses) if ((await countOf(address)).get(lost.name) !== 0) return false;
      return true;
    });
    const took = Date.now() - began - 2_000;
    await until("the clients to have asked a second longer", () => Date.now() - began > took + 4_000);
    const outages = await asking.stop();
    for (const address of addresses) {
      const after = await crowd.servers(address);
      for (const [client, server] of before.get(address) ?? [])
        if (server !== lost)
          expect([client.interface, after.get(client)?.name]).toEqual([client.interface, server?.name]);
    }
    const isLost = (client: CrowdClient): boolean => before.get(ipv4)?.get(client) === lost;
    const gapOf = (clients: readonly CrowdClient[]): number =>
      Math.max(...clients.map((client) => outages.get(client)?.lostMs ?? Infinity));
    const [own, others] = [measured.filter(isLost), measured.filter((client) => !isLost(client))];
    figures.push(
      `a node is lost: ${own.length} of its clients measured, longest gap ${gapOf(own)} ms; ${others.length} clients of other nodes, longest gap ${gapOf(others)} ms`,
    );
    expect(own.length).toBeGreaterThan(0);
    expect(gapOf(own)).toBeLessThan(DEADLINE);
    expect(gapOf(others)).toBe(0);
    await untilServing(without(lost));
  });

  it("leaves clients where they are when a node comes back, until they ask anew", async () => {
    const back = node(2);
    const before = await crowd.servers(ipv4);
    await faults.setCable(back, "up");
    await untilServing(lab.topology.nodes);
    expect(await crowd.servers(ipv4)).toEqual(before);
    await crowd.namespace.ip("neigh", "flush", "to", ipv4);
    await crowd.ask(ipv4);
    expect([...(await countOf(ipv4)).values()]).toEqual([16, 16, 16, 16]);
  });

  it("moves clients to a node that comes back with rebalance, and no others", async () => {
    await patchAdvertisement({ rebalance: true });
    for (const address of addresses) await crowd.ask(address);
    const back = node(3);
    const home = new Map(
      await Promise.all(addresses.map(async (address) => [address, await crowd.servers(address)] as const)),
    );
    await faults.setCable(back, "down");
    await until("its clients to be told", async () => (await countOf(ipv4)).get(back.name) === 0);
    await untilServing(without(back));
    const away = await crowd.servers(ipv4);
    await faults.setCable(back, "up");
    await until(
      "its clients to have it again",
      async () => (await countOf(ipv4)).get(back.name) === homeCount(home.get(ipv4), back),
    );
    const after = await crowd.servers(ipv4);
    for (const [client, server] of after) expect([away.get(client), back]).toContain(server);
  });
});

function homeCount(servers: ReadonlyMap<CrowdClient, LabNode | null> | undefined, node: LabNode): number {
  return [...(servers?.values() ?? [])].filter((server) => server === node).length;
}
