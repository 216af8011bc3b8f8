import { afterEach, describe, expect, it, vi } from "vitest";
import { announcedService, type Cluster, createCluster, ROUTER, startSpeaker } from "./cluster.test.fixture.ts";
import { announcing, hex, writesOf } from "./observed.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

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
