import {
  type BmpMessage,
  createSpeaker,
  createSpeakerState,
  decodeBmpMessage,
  decodeMessage,
  type PeerConfig,
  type SpeakerEffect,
  type SpeakerEvent,
  type SpeakerState,
  splitBmpFrames,
} from "@herald-lb/bgp-speaker";
import { createModelPeer, frame, KEEPALIVE, type ModelPeer, peerOpen } from "@herald-lb/bgp-speaker/testing";
import type { Logger } from "@herald-lb/daemon";
import { type Instant, instant, type Ipv4Address, prefixOf } from "@herald-lb/sansio";

import { describe, expect, it } from "vitest";
import { type CollectorEvents, readCollector } from "./bmp-collector.ts";
import { BmpMonitoring } from "./bmp-monitoring.ts";

const NAME = "router";

/** A speaker with one peer whose kernel takes everything, and a collector that reads when it is told to. */
class World {
  now: Instant = instant(0);
  state = createSpeakerState(1);
  readonly messages: BmpMessage[] = [];
  /** The routes that the peer holds by what the collector was told, read by the model of a router. */
  held: ModelPeer = createModelPeer();
  readonly peer: ModelPeer = createModelPeer();
  attempts = 0;
  waiting = 0;
  destroyed = 0;
  events: CollectorEvents | null = null;
  readonly monitoring: BmpMonitoring;
  readonly #machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  readonly #wakes = new Set<{ at: number; wake: () => void }>();
  #connection = 0;

  constructor(options: Partial<PeerConfig> = {}) {
    this.monitoring = new BmpMonitoring({
      collector: { host: "192.0.2.9", port: 1790 },
      connect: (_collector, events) => {
        this.attempts++;
        this.events = events;
        return {
          write: (octets) => this.#collect(octets),
          waiting: () => this.waiting,
          end: () => {},
          destroy: () => void this.destroyed++,
        };
      },
      node: "node-a",
      clock: {
        now: () => this.now,
        wakeAt: (at, wake) => {
          const entry = { at, wake };
          this.#wakes.add(entry);
          return () => void this.#wakes.delete(entry);
        },
      },
      wallClock: () => 1_800_000_000_250,
      state: () => this.state,
      log: { info: () => {}, warn: () => {} } as unknown as Logger,
    });
    const peer = { name: NAME, address: "192.0.2.1" as Ipv4Address, peerAs: 65001, families: ["IPv4"] } as const;
    this.dispatch({ type: "PeersConfigured", peers: [{ ...peer, ...options }] });
  }

  dispatch(event: SpeakerEvent): void {
    this.#take(this.#machine.step(this.state, event, this.now));
  }

  /** Lets time pass: the monitoring's wake-ups, then the machine's deadlines. */
  wait(milliseconds: number): void {
    const end = instant(this.now + milliseconds);
    for (let turn = 0; turn < 10_000; turn++) {
      const due = [...this.#wakes].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      const machine = this.#machine.nextDeadline(this.state);
      if (due !== undefined && (machine === null || due.at <= machine)) {
        this.#wakes.delete(due);
        this.now = instant(Math.max(this.now, due.at));
        due.wake();
      } else if (machine !== null && machine <= end) {
        this.now = instant(Math.max(this.now, machine));
        this.#take(this.#machine.advance(this.state, this.now));
      } else break;
    }
    this.now = end;
  }

  establish(extra: readonly number[] = []): void {
    const local = "192.0.2.10" as Ipv4Address;
    this.dispatch({ type: "TcpConnected", peer: NAME, connection: this.#connection, local });
    this.receive(peerOpen({ extra }));
    this.receive(KEEPALIVE);
  }

  receive(octets: Uint8Array): void {
    this.dispatch({ type: "OctetsReceived", peer: NAME, connection: this.#connection, octets });
  }

  close(): void {
    this.dispatch({ type: "TcpClosed", peer: NAME, connection: this.#connection, reason: "closed" });
  }

  want(count: number, key = "web", spread = 3): void {
    const routes = Array.from({ length: count }, (_, n) => ({
      prefix: prefixOf(`203.0.${n >> 8}.${n & 255}` as Ipv4Address, 32),
      nextHop: "self" as const,
      peers: "all" as const,
      med: n % spread,
    }));
    this.dispatch({ type: "RoutesDesired", changes: new Map([[key, routes]]) });
  }

  /** Begins the collector's connection. */
  open(): void {
    this.held = createModelPeer();
    this.events?.onOpen();
  }

  words(): readonly string[] {
    return this.messages.map((message) => {
      if (message.type !== "RouteMonitoring") return message.type;
      return `${message.type}${message.peer.isAdjRibOut && message.peer.isPostPolicy ? " out post-policy" : ""}`;
    });
  }

  #take({ state, effects }: { readonly state: SpeakerState; readonly effects: readonly SpeakerEffect[] }): void {
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "ConnectTcp") this.#connection = effect.connection;
      this.monitoring.observe(effect);
      if (effect.type !== "SendOctets") continue;
      this.peer.receive(effect.octets);
      const { peer, connection, octets } = effect;
      this.dispatch({ type: "OctetsWritten", peer, connection, count: octets.length });
    }
  }

  #collect(octets: Uint8Array): void {
    const { frames, pending, error } = splitBmpFrames(new Uint8Array(0), octets, 100_000);
    expect([pending.length, error]).toEqual([0, null]);
    for (const each of frames) {
      const message = decodeBmpMessage(each);
      if (!message.ok) throw new Error(JSON.stringify(message.error));
      this.messages.push(message.value);
      if (message.value.type === "RouteMonitoring") this.held.receive(message.value.update);
    }
  }
}

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

it.each([
  { text: "192.0.2.9:1790", collector: { host: "192.0.2.9", port: 1790 } },
  { text: "[2001:db8::9]:1790", collector: { host: "2001:db8::9", port: 1790 } },
  { text: "collector.example:1790", collector: { host: "collector.example", port: 1790 } },
  { text: "2001:db8::9:1790", collector: null },
  { text: "192.0.2.9", collector: null },
  { text: "192.0.2.9:0", collector: null },
  { text: "192.0.2.9:70000", collector: null },
  { text: "", collector: null },
])("reads $text", ({ text, collector }) => expect(readCollector(text)).toEqual(collector));
