import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type ConnectionPool, createConnectionPool, type PoolRequest, SILENT_SERVER } from "./connection-pool.ts";

let server: Server;
let pool: ConnectionPool;
/** The ports of the client's side of every connection so far. */
let connected: number[];

async function start(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  limits: { readonly connections?: number; readonly headersTimeout?: number; readonly bodyTimeout?: number } = {},
): Promise<void> {
  connected = [];
  server = createServer(handle);
  server.on("connection", (socket) => connected.push(socket.remotePort ?? 0));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  pool = createConnectionPool({
    server: `http://127.0.0.1:${port}`,
    tls: { rejectUnauthorized: true },
    connections: 8,
    headersTimeout: 30_000,
    bodyTimeout: 0,
    ...limits,
  });
}

afterEach(() => {
  pool.destroy();
  server.closeAllConnections();
  server.close();
});

const get = (path = "/"): PoolRequest => ({
  method: "GET",
  path,
  headers: {},
  body: null,
  signal: new AbortController().signal,
});

async function read(request: PoolRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await pool.request(request)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("a pool of connections", () => {
  it("uses one connection for requests one after the other", async () => {
    await start((_, response) => response.end("a"));
    expect([await read(get()), await read(get())]).toEqual(["a", "a"]);
    expect(connected).toHaveLength(1);
  });

  it("opens no more connections than it may, and serves every request all the same", async () => {
    await start((request, response) => response.end(request.url), { connections: 2 });
    const paths = ["/1", "/2", "/3", "/4", "/5"];
    expect(await Promise.all(paths.map((path) => read(get(path))))).toEqual(paths);
    expect(connected).toHaveLength(2);
  });

  it("gives up a server that sends no headers", async () => {
    await start(() => {}, { headersTimeout: 10 });
    await expect(pool.request(get())).rejects.toMatchObject({ code: SILENT_SERVER });
  });

  it("gives up a server that stops within a body, where silence is limited", async () => {
    await start((_, response) => void response.write("a"), { bodyTimeout: 10 });
    await expect(read(get())).rejects.toMatchObject({ code: SILENT_SERVER });
  });

  it("waits for a body for longer than for headers, where silence is not limited", async () => {
    await start(
      (_, response) => {
        response.write("a");
        setTimeout(() => response.end("b"), 60);
      },
      { headersTimeout: 20 },
    );
    expect(await read(get())).toBe("ab");
  });

  it("breaks a body when the request is aborted", async () => {
    await start((_, response) => void response.write("a"));
    const abort = new AbortController();
    const response = await pool.request({ ...get(), signal: abort.signal });
    const body = response[Symbol.asyncIterator]();
    await body.next();
    abort.abort();
    await expect(body.next()).rejects.toThrow();
  });

  it.each([
    { ended: true, when: "before the body is read" },
    { ended: true, when: "after a chunk" },
    { ended: false, when: "before the body is read" },
    { ended: false, when: "after a chunk" },
  ])(
    "breaks the connection alone, never the process, by an abort $when (ended by the server: $ended)",
    async ({ ended, when }) => {
      await start((_, response) => void (ended ? response.end("a") : response.write("a")));
      for (let run = 0; run < 10; run++) {
        const controller = new AbortController();
        const response = await pool.request({ ...get(), signal: controller.signal });
        if (when === "after a chunk") await response[Symbol.asyncIterator]().next();
        controller.abort();
        // An error without a listener ends the process, here the test run, with the next turn of the event loop.
        await new Promise((resolve) => void setImmediate(resolve));
      }
    },
  );

  it("closes when the last request under way has ended", async () => {
    let finish = (): void => {};
    await start((_, response) => {
      response.write("a");
      finish = () => response.end("b");
    });
    const response = await pool.request(get());
    let closed = false;
    const closing = pool.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    finish();
    for await (const _ of response);
    await closing;
  });
});
