import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ConnectionId, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { parseIpAddress } from "@herald-lb/sansio";
import { afterEach, describe, expect, it } from "vitest";
import { createBgpConnections } from "./bgp-connections.ts";

type Connect = Extract<SpeakerEffect, { type: "ConnectTcp" }>;

const LOOPBACK = "127.0.0.1";
const PEER = "router";
const CONNECTION = "router/1" as unknown as ConnectionId;
const open: { readonly close: () => void }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A router on loopback that hands on the first socket that connects. */
async function listen(): Promise<{ readonly port: number; readonly accepted: Promise<Socket> }> {
  const server: Server = createServer({ allowHalfOpen: true });
  const accepted = once(server, "connection").then(([socket]) => {
    open.push({ close: () => (socket as Socket).destroy() });
    return socket as Socket;
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  open.push({ close: () => server.close() });
  return { port: (server.address() as AddressInfo).port, accepted };
}

/** The events of the connections, each of which a test can wait for. */
class Events {
  readonly all: SpeakerEvent[] = [];
  readonly #waiting = new Set<() => void>();

  readonly note = (event: SpeakerEvent): void => {
    this.all.push(event);
    for (const wake of this.#waiting) wake();
  };

  async next<Type extends SpeakerEvent["type"]>(type: Type): Promise<Extract<SpeakerEvent, { type: Type }>> {
    for (;;) {
      const found = this.all.find((event) => event.type === type);
      if (found !== undefined) return found as Extract<SpeakerEvent, { type: Type }>;
      await new Promise<void>((wake) => void this.#waiting.add(wake));
    }
  }

  get types(): readonly string[] {
    return this.all.map(({ type }) => type);
  }
}

function connectTo(port: number, options: Partial<Connect> = {}): Connect {
  const address = parseIpAddress(LOOPBACK);
  if (!address.ok) throw new Error("address");
  return {
    type: "ConnectTcp",
    peer: PEER,
    connection: CONNECTION,
    address: address.value,
    port,
    interface: null,
    vrf: null,
    sourceAddress: null,
    password: null,
    ttl: null,
    minTtl: null,
    ...options,
  } as Connect;
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createBgpConnections", () => {
  it("tells that a connection is there, with the local address as next hop", async () => {
    const { port } = await listen();
    const events = new Events();
    createBgpConnections(events.note).perform(connectTo(port));
    expect(await events.next("TcpConnected")).toMatchObject({ peer: PEER, connection: CONNECTION, local: LOOPBACK });
  });

  it("carries octets both ways, and tells how many were written", async () => {
    const { port, accepted } = await listen();
    const events = new Events();
    const connections = createBgpConnections(events.note);
    connections.perform(connectTo(port));
    await events.next("TcpConnected");
    connections.perform({ type: "SendOctets", peer: PEER, connection: CONNECTION, octets: octets("open") });
    const router = await accepted;
    expect(String(await once(router, "data"))).toBe("open");
    expect(await events.next("OctetsWritten")).toEqual({
      type: "OctetsWritten",
      peer: PEER,
      connection: CONNECTION,
      count: 4,
    });
    router.write("keepalive");
    expect(new TextDecoder().decode((await events.next("OctetsReceived")).octets)).toBe("keepalive");
  });

  it("tells that nobody listens, once", async () => {
    const { port } = await listen();
    open.splice(0).forEach((each) => each.close());
    const events = new Events();
    createBgpConnections(events.note).perform(connectTo(port));
    expect(await events.next("TcpClosed")).toMatchObject({
      peer: PEER,
      connection: CONNECTION,
      reason: "ECONNREFUSED",
    });
    expect(events.types).toEqual(["TcpClosed"]);
  });

  it("tells that the kernel refuses a source address, after the effect was performed", async () => {
    const { port } = await listen();
    const events = new Events();
    const source = parseIpAddress("192.0.2.1");
    if (!source.ok) throw new Error("address");
    createBgpConnections(events.note).perform(connectTo(port, { sourceAddress: source.value }));
    expect(events.types).toEqual([]);
    expect(await events.next("TcpClosed")).toMatchObject({ reason: "bind: EADDRNOTAVAIL" });
  });

  it("binds to the device of a VRF", async () => {
    const { port } = await listen();
    const events = new Events();
    createBgpConnections(events.note).perform(connectTo(port, { vrf: "lo" }));
    expect(await events.next("TcpConnected")).toMatchObject({ local: LOOPBACK });
  });

  it("tells that there is no device of a VRF's name", async () => {
    const { port } = await listen();
    const events = new Events();
    createBgpConnections(events.note).perform(connectTo(port, { vrf: "no-such-device" }));
    expect(await events.next("TcpClosed")).toMatchObject({ reason: "setsockopt SO_BINDTODEVICE: ENODEV" });
    expect(events.types).toEqual(["TcpClosed"]);
  });

  it("tells that the router closed", async () => {
    const { port, accepted } = await listen();
    const events = new Events();
    createBgpConnections(events.note).perform(connectTo(port));
    const router = await accepted;
    router.resume();
    await events.next("TcpConnected");
    router.end();
    expect(await events.next("TcpClosed")).toMatchObject({ connection: CONNECTION, reason: "closed by the peer" });
  });

  it("lets a NOTIFICATION arrive before a graceful close, though octets lie unread", async () => {
    const { port, accepted } = await listen();
    const events = new Events();
    const connections = createBgpConnections(events.note);
    connections.perform(connectTo(port));
    const router = await accepted;
    await events.next("TcpConnected");
    router.write("x".repeat(100_000));
    connections.perform({ type: "SendOctets", peer: PEER, connection: CONNECTION, octets: octets("cease") });
    connections.perform({ type: "CloseTcp", peer: PEER, connection: CONNECTION, graceful: true });
    expect(await readAll(router)).toBe("cease");
    router.end();
    await events.next("TcpClosed");
    expect(events.types.filter((type) => type === "OctetsReceived")).toEqual([]);
  });

  it("drops a connection at once where no grace is wanted", async () => {
    const { port, accepted } = await listen();
    const events = new Events();
    const connections = createBgpConnections(events.note);
    connections.perform(connectTo(port));
    const router = await accepted;
    await events.next("TcpConnected");
    connections.perform({ type: "CloseTcp", peer: PEER, connection: CONNECTION, graceful: false });
    await readAll(router);
    await events.next("TcpClosed");
    expect(events.types.filter((type) => type === "TcpClosed")).toHaveLength(1);
  });

  it("ignores what is wanted of a connection that is gone", async () => {
    const events = new Events();
    const connections = createBgpConnections(events.note);
    connections.perform({ type: "SendOctets", peer: PEER, connection: CONNECTION, octets: octets("late") });
    connections.perform({ type: "CloseTcp", peer: PEER, connection: CONNECTION, graceful: true });
    await new Promise((resolve) => void setImmediate(resolve));
    expect(events.types).toEqual([]);
  });
});
