import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SETTLING } from "./take-over-clients.ts";
import { ANNOUNCE_INTERVAL, DEFEND_DELAY, TELL_NUM } from "../constants.ts";
import { ANNOUNCE_BATCH, ANNOUNCE_BATCH_INTERVAL } from "./pacing.ts";
import { clientCountOf } from "./client-table.ts";
import { clientOf, clients, macOfNode, NODES, requestOf, SharedSegment, VIP, VIP6 } from "./sharing.test.fixture.ts";

const without = (...lost: readonly string[]): readonly string[] => NODES.filter((node) => !lost.includes(node));
/** A segment on which so many clients have asked. */
const asked = (count: number, rebalance = false, target: IpAddress = VIP): SharedSegment => {
  const segment = new SharedSegment(rebalance).serve(NODES).wait(5_000);
  for (const client of clients(count)) segment.ask(client, target);
  return segment;
};
const entriesOf = (segment: SharedSegment): ReadonlyMap<MacAddress, string> => new Map(segment.entries);

describe.each([VIP, VIP6])("a request for %s that goes to all", (target) => {
  it("is answered by one node, the same however often, and every node knows by which", () => {
    const segment = new SharedSegment().serve(NODES).wait(5_000);
    for (const client of clients(64)) {
      const [server, ...more] = segment.ask(client, target);
      expect(more).toEqual([]);
      expect(segment.ask(client, target)).toEqual([server]);
      const mac = Number.parseInt(client.mac.replaceAll(":", ""), 16);
      for (const node of NODES) expect(segment.tableOf(node, target).get(mac)).toBe(server);
    }
    for (const node of NODES)
      expect([...segment.entries.values()].filter((server) => server === node)).toHaveLength(16);
  });

  it("is answered by another node once that of the client is lost, whose clients alone are told, once by one node", () => {
    const segment = asked(64, false, target);
    const before = entriesOf(segment);
    segment.take();
    segment.serve(without("node-b"));
    const told = segment.take();
    for (const [mac, server] of before) {
      const tellers = new Set(told.filter(({ to }) => to === mac).map(({ from }) => from));
      expect(tellers.size).toBe(server === "node-b" ? 1 : 0);
    }
    for (const client of clients(64)) expect(segment.ask(client, target)).toEqual([segment.entries.get(client.mac)]);
    expect(new Set(told.map(({ from }) => from)).size).toBe(3);
  });
});

describe("a client of a lost node", () => {
  it("is told again until it confirms", () => {
    const segment = asked(64);
    segment.serve(without("node-b"));
    const told = segment.take().filter(({ from }) => from === "node-a");
    const [first, second] = [...new Set(told.map(({ to }) => to))];
    const client = clients(64).find(({ mac }) => mac === first) ?? clientOf(0);
    expect(segment.confirm(client)).toBe(true);
    const later = segment.wait(5 * ANNOUNCE_INTERVAL).take();
    expect(later.filter(({ to }) => to === first)).toEqual([]);
    // Each time in two frames.
    expect(later.filter(({ to }) => to === second)).toHaveLength(2 * (TELL_NUM - 1));
  });

  it("is told in its turn where there are many: the one that asked last first", () => {
    const segment = new SharedSegment().serve(NODES).wait(5_000);
    const many = clients(3_000);
    for (const client of many) segment.wait(1).ask(client);
    segment.serve(without("node-d")).wait(200);
    const told = segment.take().filter(({ from }) => from === "node-a");
    const batches = Map.groupBy(told, ({ at }) => at);
    for (const batch of batches.values()) expect(batch.length).toBeLessThanOrEqual(2 * ANNOUNCE_BATCH);
    const times = [...batches.keys()];
    expect(times.length).toBeGreaterThan(1);
    for (const [at, time] of times.slice(1).entries())
      expect(time - (times[at] ?? 0)).toBeGreaterThanOrEqual(ANNOUNCE_BATCH_INTERVAL);
    const order = [...new Set(told.map(({ to }) => to))];
    expect(order).toEqual(
      many
        .map(({ mac }) => mac)
        .filter((mac) => order.includes(mac))
        .toReversed(),
    );
  });

  it("that asks while nodes may not agree yet is told once more by the one that answered", () => {
    const segment = asked(64).serve(without("node-b")).wait(500);
    const client = clientOf(1_000);
    const [server] = segment.ask(client);
    const later = segment
      .wait(5_000)
      .take()
      .filter(({ to }) => to === client.mac);
    expect(later.map(({ from }) => from)).toEqual([server, server]);
  });
});

describe("a node that joins", () => {
  it("leaves clients where they are, and answers those of its part that ask all", () => {
    const segment = new SharedSegment().serve(without("node-d")).wait(5_000);
    for (const client of clients(64)) segment.ask(client);
    const before = entriesOf(segment);
    segment.take();
    segment.serve(NODES).wait(10_000);
    expect(segment.take()).toEqual([]);
    for (const client of clients(64)) expect(segment.confirm(client)).toBe(true);
    expect(entriesOf(segment)).toEqual(before);
    for (const client of clients(64)) segment.ask(client);
    expect([...segment.entries.values()].filter((server) => server === "node-d")).toHaveLength(16);
  });

  it("with rebalance tells its clients, and no others", () => {
    const segment = new SharedSegment(true).serve(without("node-d")).wait(5_000);
    for (const client of clients(64)) segment.ask(client);
    const before = entriesOf(segment);
    segment.take();
    segment.serve(NODES).wait(10_000);
    const told = segment.take();
    expect(new Set(told.map(({ from }) => from))).toEqual(new Set(["node-d"]));
    expect(new Set(told.map(({ to }) => to)).size).toBe(16);
    for (const [mac, server] of segment.entries) expect(["node-d", before.get(mac)]).toContain(server);
  });

  it.each([false, true])(
    "is told of the clients there are, so that it takes over as one that heard them (rebalance %s)",
    (rebalance) => {
      const segment = asked(256, rebalance);
      segment.serve(without("node-a")).wait(5_000).serve(NODES).wait(5_000);
      segment.serve(["node-a", "node-b", "node-d"]).wait(5_000);
      segment.serve(["node-a", "node-d"]).wait(5_000).serve(["node-a"]).wait(5_000);
      // Everybody is at the node that started last but was there for every loss since.
      expect(new Set(segment.entries.values())).toEqual(new Set(["node-a"]));
    },
  );
});

describe("what a client asks one node alone", () => {
  it("is answered by that, though another serves it by now; the others are told once", () => {
    const segment = asked(1);
    const client = clientOf(0);
    const other = NODES.find((node) => node !== segment.entries.get(client.mac)) ?? "";
    segment.entries.set(client.mac, other);
    const mac = Number.parseInt(client.mac.replaceAll(":", ""), 16);
    expect(segment.confirm(client)).toBe(true);
    for (const node of NODES) expect(segment.tableOf(node).get(mac)).toBe(other);
    expect(segment.counts.get("ClientRelayed")).toBe(3);
    expect(segment.confirm(client)).toBe(true);
    expect(segment.counts.get("ClientRelayed")).toBe(3);
    // So it is found when that node is lost.
    segment.serve(without(other));
    expect(segment.entries.get(client.mac)).not.toBe(other);
  });

  it("may come from another of its addresses: it is the same client, in the same bucket", () => {
    const segment = asked(1);
    const client = clientOf(0);
    const server = segment.entries.get(client.mac) ?? "";
    segment.deliver(requestOf(client, VIP, macOfNode(server), "10.9.9.9"));
    const state = segment.nodes.get(server)?.state;
    expect(state === undefined ? 0 : clientCountOf(state.clients.table)).toBe(1);
    expect(segment.ask(client)).toEqual([server]);
  });
});

describe("who has no address yet", () => {
  it("is answered by one node, and is no client: an ARP Probe", () => {
    const segment = new SharedSegment().serve(NODES).wait(5_000);
    for (const number of [1, 2, 3]) {
      segment.take();
      segment.deliver(requestOf(clientOf(number), VIP, undefined, "0.0.0.0"));
      expect(segment.take()).toHaveLength(1);
    }
    for (const node of NODES) expect(segment.tableOf(node).size).toBe(0);
  });

  it("is answered by one node, which tells nobody else: duplicate address detection", () => {
    const segment = new SharedSegment().serve(NODES).wait(5_000);
    const client = clientOf(1);
    // That no answer goes to all is what the segment itself requires.
    segment.deliver(requestOf(client, VIP6, undefined, "::"));
    expect(segment.take().map(({ to }) => to)).toEqual([client.mac]);
    for (const node of NODES) expect(segment.tableOf(node, VIP6).size).toBe(0);
  });
});

describe("a shared address", () => {
  it("that another station claims is defended before the clients of each node, who are told alone", () => {
    const segment = asked(64);
    const before = entriesOf(segment);
    segment.take();
    const rival = { mac: "02:00:5e:00:53:99" as MacAddress, ip: VIP };
    segment.deliver(requestOf(rival, VIP));
    expect(segment.counts.get("Conflict")).toBeGreaterThan(0);
    segment.wait(DEFEND_DELAY);
    expect(new Set(segment.take().map(({ to }) => to))).toEqual(new Set(before.keys()));
    expect(entriesOf(segment)).toEqual(before);
  });

  it("is announced by one node when it is shared no longer, and by none when it is again", () => {
    const segment = asked(8);
    const alone = { type: "AnnouncementDesired", key: "web", addresses: [VIP], interfaces: "all" } as const;
    expect(() => segment.event("node-a", alone)).toThrow("node-a sent to all");
    segment.share("node-a");
    segment.take();
    expect(segment.wait(60_000).take()).toEqual([]);
  });

  it("is not served from memory by a node that was silent: it forgets its clients, and tells nobody of them", () => {
    const segment = asked(64);
    segment.take();
    segment.event("node-a", { type: "AnnouncementGone", key: "web" });
    segment.share("node-a");
    segment.wait(10_000);
    expect(segment.take()).toEqual([]);
    expect([...segment.tableOf("node-a").values()]).not.toContain("node-a");
    expect(segment.tableOf("node-a").size).toBe(48);
  });

  it("is not served from memory after a pause either: its clients are forgotten, and nobody is told", () => {
    const segment = asked(64);
    segment.take();
    segment.event("node-a", { type: "SilenceBegun" });
    expect(segment.ask(clientOf(0)).filter((node) => node === "node-a")).toEqual([]);
    segment.event("node-a", { type: "SilenceEnded" });
    expect(segment.wait(10_000).take()).toEqual([]);
    expect([...segment.tableOf("node-a").values()]).not.toContain("node-a");
  });

  it("is left by its clients where they are while it cannot be answered for, and taken over when it can", () => {
    const segment = asked(64);
    segment.event("node-a", { type: "InterfacesChanged", interfaces: [] });
    const before = new Map(segment.tableOf("node-a"));
    segment.take();
    segment.serve(["node-a"]);
    expect(segment.tableOf("node-a")).toEqual(before);
    expect(segment.take()).toEqual([]);
  });

  it("has the number of clients of each node reported a second after the first, and then every thirty at most", () => {
    const segment = new SharedSegment().serve(NODES).wait(5_000);
    const counted = (): number => segment.counts.get("ClientsCounted") ?? 0;
    for (const client of clients(64)) segment.ask(client);
    segment.wait(999);
    expect(counted()).toBe(0);
    segment.wait(1);
    expect(counted()).toBe(4);
    for (const client of clients(256)) segment.ask(client);
    segment.wait(29_000);
    expect(counted()).toBe(4);
    segment.wait(1_500);
    expect(counted()).toBe(8);
    segment.wait(120_000);
    expect(counted()).toBe(8);
    for (const { state } of segment.nodes.values()) expect(state.clients.reported.get(VIP)).toBe(64);
  });
});

describe("nodes that lose and gain others", () => {
  it("leave no client that asked without a live node, and agree on each, whatever comes in between", () => {
    const move = fc.oneof(
      fc.nat(300).map((number) => ({ type: "ask", number }) as const),
      fc.nat(300).map((number) => ({ type: "confirm", number }) as const),
      fc.subarray([...NODES], { minLength: 1 }).map((nodes) => ({ type: "serve", nodes }) as const),
      fc.nat(3_000).map((milliseconds) => ({ type: "wait", milliseconds }) as const),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(move, { maxLength: 60 }), (rebalance, moves) => {
        const segment = new SharedSegment(rebalance).serve(NODES);
        for (const each of moves) {
          if (each.type === "ask") expect(segment.ask(clientOf(each.number)).length).toBeGreaterThan(0);
          else if (each.type === "confirm") segment.confirm(clientOf(each.number));
          else if (each.type === "wait") segment.wait(each.milliseconds);
          else {
            // Losses come first, once all have settled, and one that knows the clients is left: what a node has not heard at all it cannot take over.
            const left = each.nodes.filter((node) => segment.nodes.has(node));
            if (left.length === 0) continue;
            segment.wait(SETTLING).serve(left).wait(500).serve(each.nodes).wait(500);
          }
          for (const server of segment.entries.values()) expect(segment.nodes.has(server)).toBe(true);
        }
        segment.wait(10_000);
        // Kernels confirm entries that they use.
        for (let number = 0; number <= 300; number++)
          if (segment.entries.has(clientOf(number).mac)) expect(segment.confirm(clientOf(number))).toBe(true);
        segment.wait(10_000);
        const [first, ...others] = [...segment.nodes.keys()].map((node) => segment.tableOf(node));
        for (const other of others) expect(other).toEqual(first);
        for (const [mac, server] of segment.entries)
          expect(first?.get(Number.parseInt(mac.replaceAll(":", ""), 16))).toBe(server);
      }),
      { numRuns: 150 },
    );
  });
});
