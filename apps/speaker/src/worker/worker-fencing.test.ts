import { describe, expect, it } from "vitest";
import type { FromWorker } from "./protocol.ts";
import { type Cluster, type Node, running, until } from "./worker-cluster.test.fixture.ts";

/** The last report of a node about the service. */
const lastReport = (cluster: Cluster, node: Node): FromWorker | undefined =>
  cluster.members.get(node)?.posted.findLast(({ type }) => type === "Announcing" || type === "NotAnnouncing");
const isAnnouncing = (cluster: Cluster, node: Node): boolean => lastReport(cluster, node)?.type === "Announcing";
const probesWanted = (cluster: Cluster, node: Node): boolean | undefined =>
  cluster.members.get(node)?.posted.findLast((message) => message.type === "ProbeApiServer")?.wanted;

describe("workers that tell each other their lost links", () => {
  it("replace a node whose link is lost within milliseconds, where the gossip goes another way", () => {
    const cluster = running("with BFD");
    cluster.members.get("node-b")?.setLink(false);
    expect(until(cluster, () => isAnnouncing(cluster, "node-a"), 1_000)).toBeLessThan(5);
    expect(lastReport(cluster, "node-a")).toMatchObject({ cause: { reason: "LinkLost", previous: "node-b" } });
    expect(isAnnouncing(cluster, "node-b")).toBe(false);
    // It takes the address back once its link is there.
    cluster.members.get("node-b")?.setLink(true);
    until(cluster, () => cluster.announcers().join() === "node-b", 1_000);
    cluster.clock.advanceBy(5_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });

  it("leave the address where no node has a link", () => {
    const cluster = running("with BFD");
    for (const member of cluster.members.values()) member.setLink(false);
    cluster.clock.advanceBy(1_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });
});

describe("a worker that is cut off", () => {
  it("is silent before the others announce, where it is to yield and the API server does not answer", () => {
    const cluster = running("with BFD", { isolated: "yield" });
    cluster.cutOff.add("node-b");
    const silent = until(cluster, () => !isAnnouncing(cluster, "node-b"), 1_000);
    expect(isAnnouncing(cluster, "node-a")).toBe(false);
    expect(silent).toBeLessThan(200);
    expect(until(cluster, () => isAnnouncing(cluster, "node-a"), 1_000)).toBeLessThan(60);
    cluster.clock.advanceBy(30_000);
    expect(isAnnouncing(cluster, "node-b")).toBe(false);
    cluster.cutOff.delete("node-b");
    until(cluster, () => isAnnouncing(cluster, "node-b") && !isAnnouncing(cluster, "node-a"), 5_000);
    expect(probesWanted(cluster, "node-b")).toBe(false);
  });

  it("goes on where the API server answers, and is silent once it does not", () => {
    const cluster = running("with BFD", { isolated: "yield" });
    cluster.cutOff.add("node-b");
    until(cluster, () => probesWanted(cluster, "node-b") === true, 1_000);
    const worker = cluster.members.get("node-b")?.worker;
    worker?.receive({ type: "ApiServerProbed", reached: true });
    cluster.clock.advanceBy(5_000);
    expect(isAnnouncing(cluster, "node-b")).toBe(true);
    worker?.receive({ type: "ApiServerProbed", reached: false });
    expect(isAnnouncing(cluster, "node-b")).toBe(false);
  });

  it("goes on where it is to serve", () => {
    const cluster = running("with BFD");
    cluster.cutOff.add("node-b");
    cluster.clock.advanceBy(5_000);
    expect(isAnnouncing(cluster, "node-b")).toBe(true);
    expect(probesWanted(cluster, "node-b")).toBeUndefined();
  });

  it("of a cluster whose other speakers left in order is not in doubt", () => {
    const cluster = running("with BFD", { isolated: "yield" });
    for (const node of ["node-a", "node-c"] as const) {
      cluster.members.get(node)?.worker.receive({ type: "StopRequested" });
      cluster.clock.advanceBy(3_000);
    }
    cluster.clock.advanceBy(10_000);
    expect(isAnnouncing(cluster, "node-b")).toBe(true);
    expect(probesWanted(cluster, "node-b")).toBeUndefined();
  });
});

describe("workers with a sticky service", () => {
  it("leave it where it is when the node that ranks first is back, with BFD and without", () => {
    for (const bfd of ["with BFD", "without BFD"] as const) {
      const cluster = running(bfd, { sticky: true });
      expect(cluster.announcers()).toEqual(["node-b"]);
      cluster.cutOff.add("node-b");
      until(cluster, () => isAnnouncing(cluster, "node-a"), 5_000);
      cluster.clock.advanceBy(5_000);
      cluster.cutOff.delete("node-b");
      until(cluster, () => !isAnnouncing(cluster, "node-b") || !isAnnouncing(cluster, "node-a"), 5_000);
      cluster.clock.advanceBy(10_000);
      expect(cluster.announcers()).toHaveLength(1);
    }
  });

  it("leave it with the successor of a node that was paused and taken for dead", () => {
    const cluster = running("with BFD", { sticky: true });
    cluster.pause("node-b", 2_000);
    cluster.clock.advanceBy(10_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
    expect(lastReport(cluster, "node-a")).toMatchObject({ cause: { reason: "NodeDied", previous: "node-b" } });
  });

  it("measure the takeover, and how long the dead node was silent", () => {
    const cluster = running("with BFD");
    cluster.cutOff.add("node-b");
    cluster.clock.advanceBy(3_000);
    const posted = [...cluster.members.values()].flatMap((member) => member.posted);
    const silences = posted.flatMap((message) =>
      message.type === "DeathDeclared" && message.node === "node-b" ? [message.silentFor] : [],
    );
    for (const silence of silences) expect(silence).toBeGreaterThanOrEqual(150);
    for (const silence of silences) expect(silence).toBeLessThan(250);
    expect(silences.length).toBeGreaterThan(0);
    const measured = posted.flatMap((message) => (message.type === "TakeoversMeasured" ? message.milliseconds : []));
    expect(measured).toEqual([0]);
    const died = posted.flatMap((message) => (message.type === "MembersChanged" ? message.died : []));
    expect(died.map(({ node }) => node)).toContain("node-b");
  });
});
