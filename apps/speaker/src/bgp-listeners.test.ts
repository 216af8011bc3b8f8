import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ListenerKey, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { afterEach, describe, expect, it } from "vitest";
import { type BgpConnections, createBgpConnections } from "./bgp-connections.ts";

type ListenTcp = Extract<SpeakerEffect, { type: "ListenTcp" }>;

const LISTENER = "IPv4 1179 ";
const sockets = new Set<Socket>();
let port = 21_790 + (process.pid % 200) * 4;

/** The connections of a speaker that listens on loopback, and the events that they told. */
class Bench {
  readonly events: SpeakerEvent[] = [];
  readonly port: number = port++;
  readonly #waiting = new Set<() => void>();
  readonly connections: BgpConnections = createBgpConnections((event) => {
    this.events.push(event);
    for (const wake of this.#waiting) wake();
  });

  listen(more: Partial<ListenTcp> = {}): void {
    this.connections.perform({
      type: "ListenTcp",
      listener: LISTENER,
      address: addressOf("127.0.0.1"),
      port: this.port,
      vrf: null,
      keys: [],
      ...more,
    });
  }

  connect(): Socket {
    const socket = connect({ host: "127.0.0.1", port: this.port });
    socket.on("error", () => {});
    sockets.add(socket);
    return socket;
  }

  async next<Type extends SpeakerEvent["type"]>(type: Type, count = 1): Promise<Extract<SpeakerEvent, { type: Type }>> {
    for (;;) {
      const found = this.events.filter((event) => event.type === type)[count - 1];
      if (found !== undefined) return found as Extract<SpeakerEvent, { type: Type }>;
      await new Promise<void>((wake) => void this.#waiting.add(wake));
    }
  }
}

function addressOf(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

const benches: Bench[] = [];
const createBench = (): Bench => {
  const bench = new Bench();
  benches.push(bench);
  return bench;
};

afterEach(() => {
  for (const { connections } of benches.splice(0)) connections.perform({ type: "StopListening", listener: LISTENER });
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

describe("the listeners of a speaker", () => {
  it("tell that they listen, and of a connection with both ends", async () => {
    const bench = createBench();
    bench.listen();
    expect(await bench.next("Listening")).toEqual({ type: "Listening", listener: LISTENER });
    const router = bench.connect();
    await once(router, "connect");
    expect(await bench.next("TcpAccepted")).toMatchObject({
      listener: LISTENER,
      connection: -1,
      address: "127.0.0.1",
      port: router.localPort,
      interface: null,
      local: "127.0.0.1",
    });
  });

  it("report the octets of a connection once the speaker takes it, and carry its own", async () => {
    const bench = createBench();
    bench.listen();
    const router = bench.connect();
    router.write("open");
    const { connection } = await bench.next("TcpAccepted");
    await once(router, "connect").catch(() => {});
    expect(bench.events.map(({ type }) => type)).not.toContain("OctetsReceived");
    bench.connections.perform({ type: "AcceptTcp", peer: "rack 127.0.0.1", connection, ttl: 1, minTtl: null });
    const received = await bench.next("OctetsReceived");
    expect([received.peer, received.connection, String(Buffer.from(received.octets))]).toEqual([
      "rack 127.0.0.1",
      connection,
      "open",
    ]);
    const octets = new TextEncoder().encode("ours");
    bench.connections.perform({ type: "SendOctets", peer: "rack 127.0.0.1", connection, octets });
    expect(String((await once(router, "data"))[0])).toBe("ours");
    router.end();
    expect(await bench.next("TcpClosed")).toMatchObject({ peer: "rack 127.0.0.1", connection });
  });

  it("reset a connection that the speaker refuses, and tell no more of it", async () => {
    const bench = createBench();
    bench.listen();
    const router = bench.connect();
    const ended = new Promise<void>((resolve) => void router.resume().once("close", () => resolve()));
    const { connection, address, port: from } = await bench.next("TcpAccepted");
    bench.connections.perform({ type: "RejectTcp", connection, address, port: from, reason: "UnknownPeer" });
    await ended;
    expect(bench.events.map(({ type }) => type)).toEqual(["Listening", "TcpAccepted"]);
  });

  it("tell that a taken connection has closed meanwhile", async () => {
    const bench = createBench();
    bench.connections.perform({ type: "AcceptTcp", peer: "router", connection: -7, ttl: null, minTtl: null });
    expect(await bench.next("TcpClosed")).toMatchObject({ peer: "router", connection: -7 });
  });

  it("tell what the kernel refuses", async () => {
    const [first, second] = [createBench(), createBench()];
    first.listen();
    await first.next("Listening");
    second.listen({ port: first.port });
    expect((await second.next("ListenFailed")).reason).toMatch(/: EADDRINUSE$/);
    second.listen({ address: addressOf("192.0.2.1") });
    expect((await second.next("ListenFailed", 2)).reason).toMatch(/: EADDRNOTAVAIL$/);
    second.listen({ vrf: "no-such-device" });
    expect((await second.next("ListenFailed", 3)).reason).toBe("setsockopt SO_BINDTODEVICE: ENODEV");
  });

  it("change their keys without a pause, and take away what is not wanted any more", async () => {
    const bench = createBench();
    const keys: readonly ListenerKey[] = [{ address: addressOf("127.0.0.1"), prefixLength: null, password: "secret" }];
    bench.listen({ keys });
    await bench.next("Listening");
    bench.listen({ keys: [{ address: addressOf("198.51.100.0"), prefixLength: 24, password: "range" }] });
    await bench.next("Listening", 2);
    // Unsigned, which the key that is gone would have dropped.
    await once(bench.connect(), "connect");
    expect(await bench.next("TcpAccepted")).toMatchObject({ connection: -1 });
  });
});
