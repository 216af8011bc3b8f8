import { afterEach, describe, expect, it, vi } from "vitest";
import {
  announcedService,
  type Cluster,
  createCluster,
  NAMESPACE,
  NODE,
  paths,
  ROUTER,
  startSpeaker,
} from "./cluster.test.fixture.ts";
import { announcingCluster, hex, keysTold, writesOf } from "./observed.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a speaker whose nodes, peers and configuration change", () => {
  const started = (): Promise<Cluster> => announcingCluster({ "web-1": "198.51.100.1", "web-2": "198.51.100.2" });

  it("takes a node out that is excluded from load balancers, and in again", async () => {
    const cluster = await started();
    const label = "node.kubernetes.io/exclude-from-external-load-balancers";
    cluster.patch(paths.node(NODE), { metadata: { labels: { [label]: "" } } });
    await cluster.until("the withdrawals", () => cluster.routers.prefixesAt(ROUTER).length === 0);
    expect(keysTold(cluster).toSorted()).toEqual(["wants default/web-1", "wants default/web-2"]);
    cluster.patch(paths.node(NODE), { metadata: { labels: { [label]: null } } });
    await cluster.until("the routes", () => cluster.routers.prefixesAt(ROUTER).length === 2);
  });

  it("tells nothing of a node's label that no selector reads, nor of its heartbeats", async () => {
    const cluster = await started();
    cluster.patch(paths.node(NODE), { metadata: { labels: { weather: "fair" } } });
    cluster.patch(paths.node("n2"), {
      status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "now" }] },
    });
    await cluster.pass(30_000);
    expect(keysTold(cluster)).toEqual([]);
    expect(writesOf(cluster)).toEqual([]);
    cluster.patch(paths.node("n2"), {
      status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "later" }] },
    });
    await cluster.pass(30_000);
    expect(cluster.takeTold()).toEqual([]);
  });

  it("names in the status only the peers that a route is for, as they come and go", async () => {
    const cluster = await started();
    const peersOf = (): unknown =>
      [...cluster.server.objects(paths.bgpStatuses).values()].map(
        (each) => (each["status"] as { peers: string[] }).peers,
      );
    cluster.post(paths.peers, {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: { namespace: NAMESPACE, name: "second" },
      spec: { myASN: 64512, peerASN: 65001, peerAddress: "192.0.2.2" },
    });
    await cluster.until("both", () => JSON.stringify(peersOf()) === '[["router","second"],["router","second"]]');
    cluster.patch(`${paths.bgpAdvertisements}/all`, {
      metadata: { generation: 2 },
      spec: { peers: ["second"] },
    });
    await cluster.until("one", () => JSON.stringify(peersOf()) === '[["second"],["second"]]');
    await cluster.until("the withdrawals", () => cluster.routers.prefixesAt(ROUTER).length === 0);
  });

  it("reconciles only the Services that a node's label concerns", async () => {
    const cluster = await started();
    cluster.post(paths.pools, {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { namespace: NAMESPACE, name: "racked" },
      spec: { addresses: ["203.0.113.0/24"] },
    });
    cluster.post(paths.l2Advertisements, {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { namespace: NAMESPACE, name: "racked" },
      spec: { ipAddressPools: ["racked"], nodeSelectors: [{ matchLabels: { rack: "n1" } }] },
    });
    cluster.patch(`${paths.l2Advertisements}/all`, { metadata: { generation: 2 }, spec: { ipAddressPools: ["pool"] } });
    announcedService(cluster, "racked", "203.0.113.1");
    await cluster.pass(30_000);
    cluster.takeTold();
    cluster.patch(paths.node("n2"), { metadata: { labels: { rack: "n1" } } });
    await cluster.until("the candidate", () => keysTold(cluster).includes("wants default/racked"));
    await cluster.pass(10_000);
    expect(cluster.takeTold()).toEqual([]);
  });

  it("tells the worker a node that comes or goes, and sessions follow the labels of its own node", async () => {
    const cluster = await started();
    cluster.post(paths.nodes, { metadata: { name: "n3" } });
    await cluster.until("the node", () =>
      cluster.takeTold().some((message) => message.type === "NodesListed" && message.nodes.includes("n3")),
    );
    cluster.patch(`${paths.peers}/router`, {
      metadata: { generation: 2 },
      spec: { nodeSelectors: [{ matchLabels: { rack: "n1" } }] },
    });
    await cluster.pass(10_000);
    expect(cluster.routers.received(ROUTER, "NOTIFICATION")).toBe(0);
    cluster.patch(paths.node(NODE), { metadata: { labels: { rack: "elsewhere" } } });
    await cluster.until("the Cease", () => cluster.routers.received(ROUTER, "NOTIFICATION") === 1);
  });

  it("connects to a peer that is added, and sends a Cease to one that is removed", async () => {
    const cluster = await started();
    cluster.post(paths.peers, {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: { namespace: NAMESPACE, name: "second" },
      spec: { myASN: 64512, peerASN: 65001, peerAddress: "192.0.2.2" },
    });
    await cluster.until("the session", () => cluster.routers.endOfRibsAt("192.0.2.2").length > 0);
    expect(cluster.routers.prefixesAt("192.0.2.2")).toEqual([hex(1), hex(2)]);
    cluster.remove(`${paths.peers}/second`);
    await cluster.until("the Cease", () => cluster.routers.received("192.0.2.2", "NOTIFICATION") === 1);
    expect(cluster.routers.received(ROUTER, "NOTIFICATION")).toBe(0);
  });

  it("leaves out a peer whose Secret is missing, and connects with the password when it comes", async () => {
    const cluster = createCluster();
    cluster.post(paths.peers, {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: { namespace: NAMESPACE, name: "secured" },
      spec: { myASN: 64512, peerASN: 65001, peerAddress: "192.0.2.2", passwordSecret: { name: "bgp" } },
    });
    await startSpeaker(cluster);
    expect(cluster.routers.passwords.has("192.0.2.2")).toBe(false);
    cluster.post(paths.secrets, {
      metadata: { namespace: NAMESPACE, name: "bgp" },
      type: "kubernetes.io/basic-auth",
      data: { password: btoa("geheim") },
    });
    await cluster.until("the session", () => cluster.routers.endOfRibsAt("192.0.2.2").length > 0);
    expect(cluster.routers.passwords.get("192.0.2.2")).toBe("geheim");
  });

  it("tells every route again to a router that comes back", async () => {
    const cluster = await started();
    cluster.routers.unreachable.add(ROUTER);
    cluster.routers.drop(ROUTER);
    await cluster.pass(120_000);
    announcedService(cluster, "meanwhile", "198.51.100.3");
    cluster.routers.unreachable.delete(ROUTER);
    await cluster.until("the routes", () => cluster.routers.prefixesAt(ROUTER).length === 3, 300_000);
    expect(cluster.routers.prefixesAt(ROUTER)).toEqual([hex(1), hex(2), hex(3)]);
  });

  it("withdraws what an advertisement announced when that is deleted", async () => {
    const cluster = await started();
    cluster.remove(`${paths.bgpAdvertisements}/all`);
    await cluster.until("the withdrawals", () => cluster.routers.prefixesAt(ROUTER).length === 0);
    expect(keysTold(cluster)).toEqual([]);
    cluster.remove(`${paths.l2Advertisements}/all`);
    await cluster.until("the worker", () => cluster.takeTold().length >= 2);
  });
});
