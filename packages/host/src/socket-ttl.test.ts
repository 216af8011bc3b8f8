import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { parseIpAddress } from "@herald-lb/sansio";
import { expect, it } from "vitest";
import { connectTcp, setSocketTtl } from "./tcp.ts";

it("drops what an accepted connection gets with a lower TTL, and takes the rest", async () => {
  const host = parseIpAddress("127.0.0.1");
  if (!host.ok) throw new Error("address");
  const got: string[] = [];
  const server = createServer((socket) => {
    expect(setSocketTtl(socket, { ttl: 255, minTtl: 255 }).ok).toBe(true);
    socket.on("data", (octets) => void got.push(String(octets)));
    socket.on("error", () => {});
  });
  server.listen(0, host.value);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients = [];
  for (const [ttl, word] of [
    [254, "far"],
    [255, "near"],
  ] as const) {
    const accepted = once(server, "connection");
    const client = connectTcp({ host: host.value, port, ttl, connectTimeoutMs: 5_000 });
    if (!client.ok) throw new Error(client.error.code);
    await Promise.all([accepted, once(client.value, "connect")]);
    client.value.write(word);
    clients.push(client.value);
  }
  await expect.poll(() => got).toEqual(["near"]);
  for (const client of clients) client.destroy();
  server.close();
});
