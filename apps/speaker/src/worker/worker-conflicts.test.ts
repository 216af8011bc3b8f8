import type { MacAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { FromWorker } from "./protocol.ts";
import { createBench, eth0, request } from "./worker-bench.test.fixture.ts";
import { type Cluster, type Member, type Node, running, until } from "./worker-cluster.test.fixture.ts";

const RIVAL = "02:00:5e:00:53:99" as MacAddress;
/** An ARP Announcement of the address by a station that is no speaker. */
const CLAIM = octetsFromHex("ffffffffffff02005e0053990806000108000604000102005e0053990a0000010000000000000a000001");
const conflicts = { conflictPolicy: "Probe", onConflict: "Yield" } as const;

/** The rivals that any worker has reported. */
const rivals = (cluster: Cluster): readonly string[] =>
  [...cluster.members.values()].flatMap(({ posted }) =>
    posted.flatMap((message) => (message.type === "RivalFound" ? [message.by] : [])),
  );
const last = <Type extends FromWorker["type"]>(
  { posted }: Member,
  type: Type,
): Extract<FromWorker, { type: Type }> | undefined =>
  posted.findLast((message): message is Extract<FromWorker, { type: Type }> => message.type === type);
const isProbing = (member: Member): boolean => (last(member, "Announcing")?.tentative?.length ?? 0) > 0;
const hasAnnounced = (member: Member): boolean => {
  const report = last(member, "Announcing");
  return report !== undefined && !isProbing(member);
};

describe("workers of a service that is probed and given up", () => {
  it("probe before the first announcement, and find no rival in each other", () => {
    const cluster = running("with BFD", { conflicts });
    expect(cluster.announcers()).toEqual(["node-b"]);
    expect(rivals(cluster)).toEqual([]);
    const first = cluster.members.get("node-b");
    expect(first !== undefined && hasAnnounced(first)).toBe(true);
  });

  it.each(["with BFD", "without BFD"] as const)(
    "let a node that starts again announce within milliseconds while another serves, %s",
    (bfd) => {
      const cluster = running(bfd, { conflicts });
      cluster.members.get("node-b")?.worker.receive({ type: "StopRequested" });
      cluster.clock.advanceBy(10_000);
      const again = cluster.start("node-b");
      until(cluster, () => isProbing(again), 20_000);
      // The reports of the others come with the gossip that tells of the start.
      expect(until(cluster, () => hasAnnounced(again), 5_000)).toBeLessThan(50);
      cluster.clock.advanceBy(20_000);
      expect(cluster.announcers()).toEqual(["node-b"]);
      expect(rivals(cluster)).toEqual([]);
    },
  );

  it("take no returning speaker for a rival, after it was cut off and announced on its side", () => {
    const cluster = running("with BFD", { conflicts });
    for (const node of ["node-b", "node-a"] satisfies Node[]) {
      cluster.cutOff.add(node);
      cluster.clock.advanceBy(5_000);
      cluster.cutOff.delete(node);
      cluster.clock.advanceBy(60_000);
      expect(cluster.announcers()).toEqual(["node-b"]);
    }
    expect(rivals(cluster)).toEqual([]);
  });

  it("give the address up to another station, and name it once", () => {
    const cluster = running("with BFD", { conflicts });
    for (let i = 0; i < 100; i++) {
      for (const { onFrame } of cluster.members.values()) onFrame(CLAIM);
      cluster.clock.advanceBy(100);
    }
    expect(rivals(cluster)).toEqual([RIVAL]);
    const announcer = cluster.members.get("node-b");
    if (announcer === undefined) throw new Error("no node-b");
    expect(hasAnnounced(announcer)).toBe(false);
    expect(until(cluster, () => hasAnnounced(announcer), 10_000)).toBeLessThan(5_000);
  });

  it("report a second service of an address that is announced already as announced", () => {
    const { worker, posted, interfaces, clock } = createBench("node-b", { membership: null });
    worker.start();
    interfaces([eth0]);
    worker.receive({ type: "NodesListed", nodes: ["node-a", "node-b"] });
    worker.receive({ type: "AnnouncementRequested", request: { ...request, ...conflicts } });
    clock.advanceBy(2_000);
    worker.receive({ type: "AnnouncementRequested", request: { ...request, ...conflicts, key: "default/other" } });
    const reports = posted.flatMap((message) => (message.type === "Announcing" ? [message] : []));
    expect(reports.map(({ key, tentative = [] }) => `${key} ${tentative.length}`)).toEqual([
      "default/web 1",
      "default/web 0",
      "default/other 1",
      "default/other 0",
    ]);
  });
});
