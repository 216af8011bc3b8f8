import { describe, expect, it } from "vitest";
import { NODES, running, until } from "./worker-cluster.test.fixture.ts";

describe("workers of a memberlist cluster", () => {
  it("agree on one announcer, and know all members", () => {
    const cluster = running();
    expect(cluster.announcers()).toEqual(["node-b"]);
    for (const { posted } of cluster.members.values()) {
      const newest = posted.findLast((message) => message.type === "MembersChanged");
      expect(newest?.alive.toSorted()).toEqual(NODES);
    }
  });

  it("replace an announcer that is cut off", () => {
    const cluster = running();
    cluster.cutOff.add("node-b");
    until(cluster, () => cluster.announcers().length > 0, 5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("count a suspect as live, also when another member leaves meanwhile", () => {
    const cluster = running();
    cluster.cutOff.add("node-b");
    cluster.clock.advanceBy(700);
    cluster.members.get("node-c")?.worker.receive({ type: "StopRequested" });
    cluster.clock.advanceBy(100);
    const told = cluster.members.get("node-a")?.posted.findLast((message) => message.type === "MembersChanged");
    expect(told?.left).toEqual(["node-c"]);
    expect(cluster.announcers()).toEqual([]);
    cluster.clock.advanceBy(5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("correct the neighbours' entries when a node that announced while it was cut off comes back", () => {
    const cluster = running();
    cluster.cutOff.add("node-a");
    cluster.clock.advanceBy(10_000);
    const announcer = cluster.members.get("node-b");
    const before = announcer?.frames.length ?? 0;
    const since = cluster.clock.now();
    cluster.cutOff.delete("node-a");
    until(
      cluster,
      () => announcer?.posted.findLast((each) => each.type === "MembersChanged")?.joined.includes("node-a") === true,
      60_000,
    );
    cluster.clock.advanceBy(100);
    expect(announcer?.frames.length).toBeGreaterThan(before);
    expect(announcer?.frames.at(-1)).toBeGreaterThan(since);
    cluster.clock.advanceBy(30_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });

  it("hand over so that the successor announces before the old announcer stops", () => {
    const cluster = running();
    const leaving = cluster.members.get("node-b");
    const successor = cluster.members.get("node-a");
    const framesBefore = successor?.frames.length ?? 0;
    const stoppedAt = cluster.clock.now();
    leaving?.worker.receive({ type: "StopRequested" });
    until(cluster, () => leaving?.posted.some(({ type }) => type === "Stopped") === true, 5_000);
    expect(successor?.frames.length).toBeGreaterThan(framesBefore);
    expect(leaving?.frames.filter((at) => at > stoppedAt)).toEqual([]);
    cluster.clock.advanceBy(5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("do not lose the address to a node that starts again, before it knows the others", () => {
    const cluster = running();
    cluster.members.get("node-b")?.worker.receive({ type: "StopRequested" });
    cluster.clock.advanceBy(10_000);
    const restarted = cluster.start("node-b");
    const knew = until(cluster, () => restarted.frames.length > 0, 20_000);
    const members = restarted.posted.find((message) => message.type === "MembersChanged");
    expect(members?.alive.length).toBeGreaterThan(1);
    expect(knew).toBeGreaterThan(0);
    cluster.clock.advanceBy(10_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });
});
