import type { IpAddress } from "@herald-lb/sansio";
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
import type { FromWorker } from "../worker/protocol.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const hex = (last: number): string => `4 c63364${last.toString(16).padStart(2, "0")}/32`;
const announcing = (key: string, address: string): FromWorker => ({
  type: "Announcing",
  key,
  addresses: [address as IpAddress],
  interfaces: null,
});
const writesOf = (cluster: Cluster): readonly string[] =>
  cluster.takeWrites().map(({ method, path }) => `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, "")}`);
const keysTold = (cluster: Cluster): readonly string[] =>
  cluster.takeTold().flatMap((message) => {
    if (message.type === "AnnouncementRequested") return [`wants ${message.request.key}`];
    return message.type === "AnnouncementWithdrawn" ? [`without ${message.key}`] : [];
  });
const messages = (cluster: Cluster, message: string): number =>
  cluster.lines.filter((line) => line.message === message).length;

describe("a speaker at its start", () => {
  it("tells worker and routers nothing before its caches are complete, and the router all routes before End-of-RIB", async () => {
    const cluster = createCluster();
    for (const last of [1, 2, 3]) announcedService(cluster, `web-${last}`, `198.51.100.${last}`);
    const slow = { services: true };
    cluster.process.keeps = ({ request }) => slow.services && request.path === "/api/v1/services";
    void cluster.speaker.start();
    await cluster.pass(5_000);
    expect(cluster.takeTold()).toEqual([]);
    expect(cluster.routers.received(ROUTER, "OPEN")).toBe(0);
    slow.services = false;
    await cluster.until("End-of-RIB", () => cluster.routers.endOfRibsAt(ROUTER).length > 0, 120_000);
    expect(cluster.routers.prefixesAt(ROUTER)).toEqual([hex(1), hex(2), hex(3)]);
    expect(cluster.routers.received(ROUTER, "UPDATE")).toBe(2);
  });

  it("tells the worker the nodes, and who may announce each Service", async () => {
    const cluster = createCluster();
    announcedService(cluster, "web", "198.51.100.1");
    await startSpeaker(cluster);
    const told = cluster.takeTold();
    expect(told.filter(({ type }) => type === "NodesListed")).toEqual([{ type: "NodesListed", nodes: ["n1", "n2"] }]);
    expect(told.filter(({ type }) => type === "AnnouncementRequested")).toHaveLength(1);
  });

  it("writes nothing and tells nothing while nothing changes", async () => {
    const cluster = createCluster();
    announcedService(cluster, "web", "198.51.100.1");
    await startSpeaker(cluster);
    cluster.fromWorker(announcing("default/web", "198.51.100.1"));
    await cluster.pass(60_000);
    cluster.takeWrites();
    cluster.takeTold();
    const updates = cluster.routers.received(ROUTER, "UPDATE");
    await cluster.pass(3_600_000);
    expect(writesOf(cluster)).toEqual([]);
    expect(cluster.takeTold()).toEqual([]);
    expect(cluster.routers.received(ROUTER, "UPDATE")).toBe(updates);
  });
});

describe("a speaker whose Services change", () => {
  const started = async (): Promise<Cluster> => {
    const cluster = createCluster();
    announcedService(cluster, "web", "198.51.100.1");
    await startSpeaker(cluster);
    cluster.takeTold();
    cluster.takeWrites();
    return cluster;
  };

  it("announces a new one and withdraws one that is gone, and nothing else", async () => {
    const cluster = await started();
    announcedService(cluster, "new", "198.51.100.2");
    await cluster.until("the route", () => cluster.routers.prefixesAt(ROUTER).length === 2);
    expect(keysTold(cluster)).toEqual(["wants default/new"]);
    const updates = cluster.routers.received(ROUTER, "UPDATE");
    cluster.remove(paths.service("new"));
    await cluster.until("the withdrawal", () => cluster.routers.prefixesAt(ROUTER).length === 1);
    expect(cluster.routers.received(ROUTER, "UPDATE")).toBe(updates + 1);
    expect(keysTold(cluster)).toEqual(["without default/new"]);
  });

  it("tells no change of a Service that does not concern its announcement", async () => {
    const cluster = await started();
    await cluster.pass(60_000);
    const [updates, announced] = [cluster.routers.received(ROUTER, "UPDATE"), messages(cluster, "routes announced")];
    cluster.takeWrites();
    cluster.patch(paths.service("web"), { metadata: { annotations: { note: "read by nobody" } } });
    await cluster.pass(60_000);
    expect(cluster.routers.received(ROUTER, "UPDATE")).toBe(updates);
    expect(messages(cluster, "routes announced")).toBe(announced);
    expect(keysTold(cluster)).toEqual([]);
    expect(writesOf(cluster)).toEqual([]);
  });

  it("moves the route and the announcement with the address", async () => {
    const cluster = await started();
    cluster.patch(paths.service("web"), { status: { loadBalancer: { ingress: [{ ip: "198.51.100.9" }] } } });
    await cluster.until("the route", () => cluster.routers.prefixesAt(ROUTER).includes(hex(9)));
    await cluster.pass(10_000);
    expect(cluster.routers.prefixesAt(ROUTER)).toEqual([hex(9)]);
    // The node announced the Service before: its new address is no new assignment.
    const events = [...cluster.server.objects(paths.events).values()];
    expect(events.map((event) => event["count"] ?? 1)).toEqual([1]);
    expect(keysTold(cluster)).toEqual(["wants default/web"]);
  });

  it("elects Services that share an address by the same one: the change of one concerns the other", async () => {
    const cluster = await started();
    cluster.post(paths.services, {
      metadata: { namespace: "default", name: "both", uid: "both" },
      spec: { type: "LoadBalancer" },
      status: { loadBalancer: { ingress: [{ ip: "198.51.100.1" }, { ip: "198.51.100.0" }] } },
    });
    await cluster.until("the election address", () => keysTold(cluster).includes("wants default/web"));
  });

  it("withdraws the route when the last endpoint is gone, and announces it again with the next", async () => {
    const cluster = await started();
    const slice = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-1";
    cluster.patch(slice, { endpoints: [] });
    await cluster.until("the withdrawal", () => cluster.routers.prefixesAt(ROUTER).length === 0);
    cluster.patch(slice, { endpoints: [{ addresses: ["10.0.0.2"], nodeName: "n2" }] });
    await cluster.until("the route", () => cluster.routers.prefixesAt(ROUTER).length === 1);
    expect(keysTold(cluster)).toEqual(["without default/web", "wants default/web"]);
  });

  it("says an announcement by Event and statuses once, and removes the statuses at its end", async () => {
    const cluster = await started();
    cluster.fromWorker(announcing("default/web", "198.51.100.1"));
    cluster.fromWorker(announcing("default/web", "198.51.100.1"));
    await cluster.until("the status", () => cluster.server.objects(paths.l2Statuses).size === 1);
    await cluster.pass(10_000);
    const events = [...cluster.server.objects(paths.events).values()].map((event) => event["message"]);
    expect(events.map(String).toSorted()).toEqual([
      `announcing from node "${NODE}" with protocol "bgp"`,
      `announcing from node "${NODE}" with protocol "layer2"`,
    ]);
    cluster.fromWorker({ type: "NotAnnouncing", key: "default/web", to: "n2" });
    cluster.remove(paths.service("web"));
    await cluster.until("the end of both", () =>
      [paths.l2Statuses, paths.bgpStatuses].every((path) => cluster.server.objects(path).size === 0),
    );
  });
});

describe("a speaker whose nodes, peers and configuration change", () => {
  const started = async (): Promise<Cluster> => {
    const cluster = createCluster();
    for (const last of [1, 2]) announcedService(cluster, `web-${last}`, `198.51.100.${last}`);
    await startSpeaker(cluster);
    cluster.takeTold();
    cluster.takeWrites();
    return cluster;
  };

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

describe("a speaker and its worker", () => {
  const problems = (cluster: Cluster): readonly (string | null)[] =>
    cluster.speaker.healthChecks.map((check) => Object.values(check).find((each) => typeof each === "function")?.());

  it("is ready when the worker has what it needs and the caches are complete", async () => {
    const cluster = createCluster();
    expect(problems(cluster).every((problem) => problem === null)).toBe(false);
    await startSpeaker(cluster);
    cluster.fromWorker({ type: "ProblemChanged", problem: null });
    expect(problems(cluster)).toEqual(problems(cluster).map(() => null));
    cluster.fromWorker({ type: "ProblemChanged", problem: "eth0: EPERM" });
    expect(problems(cluster)).toContain("eth0: EPERM");
  });

  it("ends its process when the worker ends, since nobody would answer", async () => {
    const cluster = createCluster();
    await startSpeaker(cluster);
    cluster.endWorker(1);
    expect(cluster.exits).toEqual([70]);
  });

  it("stops: the worker first, a Cease to the router, and nothing is written after", async () => {
    const cluster = createCluster();
    announcedService(cluster, "web", "198.51.100.1");
    await startSpeaker(cluster);
    cluster.takeTold();
    let stopped = false;
    void cluster.speaker.stop().then(() => {
      stopped = true;
    });
    await cluster.until("the end", () => stopped, 2_000);
    expect(cluster.takeTold()).toEqual([{ type: "StopRequested" }]);
    expect(cluster.routers.received(ROUTER, "NOTIFICATION")).toBe(1);
    expect(cluster.exits).toEqual([]);
    cluster.takeWrites();
    announcedService(cluster, "late", "198.51.100.2");
    await cluster.pass(60_000);
    expect(cluster.takeTold()).toEqual([]);
    expect(writesOf(cluster)).toEqual([]);
  });
});
