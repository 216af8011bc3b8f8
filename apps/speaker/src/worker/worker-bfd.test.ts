import { describe, expect, it } from "vitest";
import { type Cluster, type Node, running, until } from "./worker-cluster.test.fixture.ts";

const sessionsUp = (cluster: Cluster, node: Node): number | undefined =>
  cluster.members.get(node)?.posted.findLast((message) => message.type === "BfdSessionsChanged")?.up;

describe("workers that watch each other by BFD", () => {
  it("have a session with each of two other nodes", () => {
    const cluster = running("with BFD");
    for (const node of cluster.members.keys()) expect(sessionsUp(cluster, node)).toBe(2);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });

  it.each([1_500, 3_000, 10_000])("keep the sessions that come up after a cut of %i ms", (cut) => {
    const cluster = running("with BFD");
    cluster.cutOff.add("node-b");
    cluster.clock.advanceBy(cut);
    cluster.cutOff.delete("node-b");
    const settled = (): boolean => [...cluster.members.keys()].every((node) => sessionsUp(cluster, node) === 2);
    until(cluster, settled, 3_000);
    for (let second = 0; second < 30; second++) {
      cluster.clock.advanceBy(1_000);
      expect(settled()).toBe(true);
    }
  });

  it("replace a dead announcer in less than a quarter of a second, by the word of two watchers", () => {
    const cluster = running("with BFD");
    cluster.cutOff.add("node-b");
    const took = until(cluster, () => cluster.announcers().length > 0, 1_000);
    expect(took).toBeLessThan(250);
    expect(cluster.announcers()).toEqual(["node-a"]);
    const declared = [...cluster.members.values()].flatMap(({ posted }) =>
      posted.filter((message) => message.type === "DeathDeclared"),
    );
    expect(declared.map(({ by }) => by.toSorted())).toContainEqual(["node-a", "node-c"]);
  });

  it.each([false, true])("replace a dead announcer of a service that is spread as fast, sticky: %s", (sticky) => {
    const cluster = running("with BFD", { spread: true, sticky });
    expect(cluster.announcers()).toEqual(["node-b"]);
    cluster.cutOff.add("node-b");
    expect(until(cluster, () => cluster.announcers().length > 0, 1_000)).toBeLessThan(250);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("replace a node that hears nothing, though it is heard", () => {
    const cluster = running("with BFD");
    cluster.deaf.add("node-b");
    const others = (): readonly string[] => cluster.announcers().filter((node) => node !== "node-b");
    expect(until(cluster, () => others().length > 0, 1_000)).toBeLessThan(300);
    expect(others()).toEqual(["node-a"]);
  });

  it("are silent after a pause until the others have spoken, and take the address back by rank", () => {
    const cluster = running("with BFD");
    const paused = cluster.members.get("node-b");
    const framesBefore = paused?.frames.length;
    cluster.pause("node-b", 2_000);
    cluster.clock.advanceBy(1_999);
    expect(cluster.announcers()).toContain("node-a");
    expect(paused?.frames.length).toBe(framesBefore);
    cluster.clock.advanceBy(1.5);
    const told = paused?.posted
      .filter(({ type }) => /^(?:Not)?Announcing$|Pause|Silence/.test(type))
      .map((message) => (message.type === "SilenceChanged" ? message.silent : message.type));
    // Its watchers' word that it is dead lay in its socket: it refutes it to all at once, and only then answers.
    expect(told?.slice(-3)).toEqual(["PauseNoticed", true, false]);
    let both = 0;
    until(
      cluster,
      () => {
        if (cluster.announcers().length > 1) both++;
        return String(cluster.announcers()) === "node-b";
      },
      5_000,
    );
    expect(both).toBeLessThanOrEqual(3);
  });

  it("have their sessions again soon after one of them stood still", () => {
    for (const pause of [400, 2_000, 7_000]) {
      const cluster = running("with BFD");
      cluster.pause("node-b", pause);
      cluster.clock.advanceBy(pause + 300);
      for (const node of cluster.members.keys()) expect(sessionsUp(cluster, node)).toBe(2);
    }
  });

  it("answer again within milliseconds after a pause that nobody noticed", () => {
    const cluster = running("with BFD");
    const paused = cluster.members.get("node-b");
    paused?.worker.pause(160);
    expect(paused?.discards).toBe(1);
    expect(cluster.announcers()).toEqual([]);
    expect(until(cluster, () => cluster.announcers().length > 0, 100)).toBeLessThan(5);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });
});
