import { afterEach, describe, expect, it, vi } from "vitest";
import { announcedService, type Cluster, NODE, paths, ROUTER } from "./cluster.test.fixture.ts";
import { announcingCluster, announcing, hex, keysTold, messages, writesOf } from "./observed.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a speaker whose Services change", () => {
  const started = (): Promise<Cluster> => announcingCluster({ web: "198.51.100.1" });

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
