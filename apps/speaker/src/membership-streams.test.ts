import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { afterEach, describe, expect, it } from "vitest";
import { openMembershipStreams } from "./membership-streams.ts";
import type { ToWorker } from "./worker/protocol.ts";

const loopback = ((): IpAddress => {
  const parsed = parseIpAddress("127.0.0.1");
  if (!parsed.ok) throw new Error("loopback");
  return parsed.value;
})();
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function open(): Promise<{
  port: number;
  told: ToWorker[];
  until: (type: ToWorker["type"]) => Promise<void>;
  perform: (effect: object) => void;
}> {
  const port = await freePort();
  const told: ToWorker[] = [];
  const streams = await openMembershipStreams({ address: loopback, port }, (message) => void told.push(message));
  if (!streams.ok) throw new Error(streams.error);
  cleanups.push(() => streams.value.close());
  const until = async (type: ToWorker["type"]): Promise<void> => {
    while (!told.some((message) => message.type === type)) await new Promise((resolve) => setImmediate(resolve));
  };
  return { port, told, until, perform: (effect) => streams.value.perform(effect as never) };
}

describe("openMembershipStreams", () => {
  it("passes what others send to the machine, its reply back, and then the end", async () => {
    const { port, told, until, perform } = await open();
    const client = connect({ host: "127.0.0.1", port });
    const answered: Buffer[] = [];
    client.on("data", (octets: Buffer) => answered.push(octets));
    const ended = new Promise((resolve) => client.once("close", resolve));
    client.write("state");
    await until("StreamReceived");
    expect(told.slice(0, 2)).toMatchObject([
      { type: "StreamAccepted", stream: "accepted-0", from: { address: "127.0.0.1" } },
      { type: "StreamReceived", stream: "accepted-0", octets: new TextEncoder().encode("state") },
    ]);
    perform({ type: "ReplyStream", stream: "accepted-0", octets: new TextEncoder().encode("mine") });
    await ended;
    await until("StreamClosed");
    expect(Buffer.concat(answered).toString()).toBe("mine");
  });

  it("tells that a peer hung up without an answer, and that none is there", async () => {
    const { told, until, perform } = await open();
    const mute = createServer((socket: Socket) => socket.end());
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => mute.close());
    const { port } = mute.address() as AddressInfo;
    perform({ type: "OpenStream", stream: "one", to: { address: loopback, port }, octets: new Uint8Array(3) });
    await until("StreamClosed");
    told.length = 0;
    const nobody = { address: loopback, port: await freePort() };
    perform({ type: "OpenStream", stream: "two", to: nobody, octets: new Uint8Array(3) });
    await until("StreamClosed");
    expect(told).toEqual([{ type: "StreamClosed", stream: "two" }]);
  });

  it("says why it cannot listen", async () => {
    const { port } = await open();
    const second = await openMembershipStreams({ address: loopback, port }, () => {});
    expect(second).toEqual({ ok: false, error: "EADDRINUSE" });
  });
});
