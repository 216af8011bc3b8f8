import { decodeMessage } from "@herald-lb/bgp-speaker";
import { frame, KEEPALIVE, peerOpen } from "@herald-lb/bgp-speaker/testing";
import { describe, expect, it } from "vitest";
import { World } from "./bmp-world.test.fixture.ts";

describe("BMP to a collector", () => {
  it("tells a session, its routes as they are sent, and its end", () => {
    const world = new World();
    world.monitoring.start();
    world.open();
    world.want(2);
    world.establish();
    world.want(1);
    world.receive(frame(3, 6, 2));
    expect(world.words()).toEqual([
      "Initiation",
      "PeerUp",
      "RouteMonitoring out post-policy",
      "RouteMonitoring out post-policy",
      "RouteMonitoring out post-policy",
      "RouteMonitoring out post-policy",
      "PeerDown",
    ]);
    const up = world.messages[1];
    if (up?.type !== "PeerUp") throw new Error("no Peer Up");
    expect(up.peer).toMatchObject({
      address: "192.0.2.1",
      autonomousSystem: 65001,
      bgpIdentifier: "192.0.2.1",
      seconds: 1_800_000_000,
      microseconds: 250_000,
    });
    const context = { fourOctetAs: true, families: [], maxMessageLength: 4096 } as const;
    expect(decodeMessage(up.sentOpen, context)).toMatchObject({ value: { type: "OPEN", autonomousSystem: 64512 } });
    expect(up.receivedOpen).toEqual(peerOpen());
    expect(world.messages.at(-1)).toMatchObject({
      reason: { type: "RemoteNotification", notification: frame(3, 6, 2) },
    });
    expect(world.held.held).toEqual(world.peer.held);
  });

  it("tells a collector that comes late the whole table, then End-of-RIB, also where it changes meanwhile", () => {
    const world = new World();
    world.want(7_000);
    world.establish();
    world.wait(1_000);
    world.monitoring.start();
    world.open();
    expect(world.held.held.size).toBeLessThan(7_000);
    world.want(6_500);
    world.want(1, "dns");
    world.wait(1_000);
    expect(world.peer.held.size).toBe(6_500);
    expect(world.held.held).toEqual(world.peer.held);
    expect(world.held.endOfRibs).toEqual(["IPv4"]);
  });

  it("divides the table into messages such as the peer takes", () => {
    const world = new World();
    world.want(2_000, "web", 1);
    world.establish();
    world.wait(1_000);
    world.monitoring.start();
    world.open();
    expect(world.held.held).toEqual(world.peer.held);
    expect(Math.max(...world.held.messages.map(({ length }) => length))).toBeLessThanOrEqual(4_096);
  });

  it("tells no table of a session that ended before its turn came", () => {
    const world = new World();
    world.want(10);
    world.establish();
    world.wait(1_000);
    world.monitoring.start();
    world.waiting = 2_000_000;
    world.open();
    world.receive(frame(3, 6, 2));
    world.wait(5_000);
    world.establish();
    world.wait(1_000);
    const told = world.messages.length;
    world.waiting = 0;
    world.events?.onDrain();
    world.wait(1_000);
    expect(world.messages).toHaveLength(told);
    expect(world.held.held).toEqual(world.peer.held);
  });

  it.each([
    {
      name: "the peer closes the connection",
      end: (world: World) => world.close(),
      reason: { type: "RemoteNoNotification" },
    },
    {
      name: "the speaker stops, and the peer keeps the routes",
      end: (world: World) => world.dispatch({ type: "Stop", communication: "", restarting: true }),
      reason: { type: "LocalNoNotification", fsmEvent: 2 },
    },
    {
      name: "the speaker stops",
      end: (world: World) => world.dispatch({ type: "Stop", communication: "", restarting: false }),
      reason: { type: "LocalNotification" },
    },
  ])("says why a session ended: $name", ({ end, reason }) => {
    const world = new World({ gracefulRestart: { restartTime: 120 } });
    world.monitoring.start();
    world.open();
    world.establish([64, 6, 0x40, 120, 0, 1, 1, 0x80]);
    end(world);
    expect(world.messages.at(-1)).toMatchObject({ type: "PeerDown", reason });
  });

  it("waits with the table for a collector that is slow, and gives up one that does not read", () => {
    const world = new World();
    world.want(7_000);
    world.establish();
    world.wait(1_000);
    world.monitoring.start();
    world.waiting = 2_000_000;
    world.open();
    world.wait(10_000);
    expect(world.held.held.size).toBe(0);
    world.waiting = 0;
    world.events?.onDrain();
    world.wait(1_000);
    expect(world.held.held.size).toBe(7_000);
    world.waiting = 20_000_000;
    world.want(1);
    world.wait(10);
    expect(world.destroyed).toBe(1);
    const told = world.messages.length;
    world.want(2);
    world.wait(10);
    expect(world.messages).toHaveLength(told);
  });

  it("tries again after 30 seconds, then later and later up to twelve minutes", () => {
    const world = new World();
    world.monitoring.start();
    const pauses: number[] = [];
    for (let attempt = 1; attempt < 8; attempt++) {
      const closed = world.now;
      world.events?.onClose("ECONNREFUSED");
      while (world.attempts === attempt) world.wait(1_000);
      pauses.push((world.now - closed) / 1_000);
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 720, 720]);
    world.open();
    world.events?.onClose("closed");
    world.wait(30_000);
    expect(world.attempts).toBe(9);
  });

  it("reports the number of routes every minute, and says at the end that nothing more comes", () => {
    const world = new World();
    world.monitoring.start();
    world.open();
    world.want(3);
    world.establish();
    world.wait(1_000);
    world.receive(KEEPALIVE);
    world.wait(59_000);
    expect(world.messages.at(-1)).toMatchObject({
      type: "StatisticsReport",
      statistics: [{ form: "Gauge", code: 15, value: 3n }],
    });
    world.monitoring.stop();
    expect(world.messages.at(-1)).toMatchObject({ type: "Termination" });
    const { attempts } = world;
    world.events?.onClose("closed");
    world.wait(1_000_000);
    expect(world.attempts).toBe(attempts);
  });
});
