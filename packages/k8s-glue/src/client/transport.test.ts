import { getEventListeners } from "node:events";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { afterEach, describe, expect, it } from "vitest";
import {
  answer,
  eventually,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
  turn,
} from "./scripted-server.test.fixture.ts";
import { createTransport, type RequestOutcome, type Transport } from "./transport.ts";

let server: ScriptedServer;
let transport: Transport;
let clock: VirtualClock;
let outcomes: RequestOutcome[];

async function start(script: (request: SeenRequest, index: number) => void): Promise<void> {
  server = await startScriptedServer(script);
  clock = createVirtualClock();
  outcomes = [];
  transport = createTransport(server.credentials, {
    clock,
    random: () => 0.5,
    userAgent: "test/1",
    onRequest: (outcome) => outcomes.push(outcome),
  });
}

/** Once so many attempts have ended and the next one is being waited for. */
async function attempts(count: number): Promise<void> {
  await eventually(() => outcomes.length === count);
  await turn();
}

afterEach(async () => {
  await transport.close();
  await server.close();
});

const get = { method: "GET", path: "/api/v1/nodes" } as const;

describe("the transport", () => {
  it("sends headers, query and body, and reads the answer", async () => {
    await start((request) => answer(request, 200, { ok: request.body }));
    const result = await transport.request({
      method: "POST",
      path: "/api/v1/x",
      query: { limit: 5, left: undefined, force: true },
      body: { a: 1 },
    });
    expect(result).toEqual({ ok: true, value: { ok: '{"a":1}' } });
    const [seen] = server.seen;
    expect([...(seen?.query ?? [])]).toEqual([
      ["limit", "5"],
      ["force", "true"],
    ]);
    expect(seen?.headers).toMatchObject({
      authorization: "Bearer t0",
      "user-agent": "test/1",
      "content-type": "application/json",
    });
    expect(outcomes).toMatchObject([{ method: "POST", path: "/api/v1/x", code: null }]);
  });

  it("serves all requests of a kind from a few connections", async () => {
    await start((request) => answer(request, 200, {}));
    for (let turns = 0; turns < 20; turns++) await transport.request(get);
    expect(new Set(server.seen.map((request) => request.response.req.socket.remotePort)).size).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 40 }, () => transport.request(get)));
    expect(new Set(server.seen.map((request) => request.response.req.socket.remotePort)).size).toBeLessThanOrEqual(8);
  });

  it("reads no answer that nobody wants, and a refusal all the same", async () => {
    await start((request, index) => {
      if (index === 1) return answer(request, 403, { kind: "Status", reason: "Forbidden", message: "no", code: 403 });
      request.response.writeHead(200);
      request.response.end("no JSON");
    });
    const ignored = { ...get, answer: "Ignored" } as const;
    expect(await transport.request<null>(ignored)).toEqual({ ok: true, value: null });
    expect(await transport.request<null>(ignored)).toMatchObject({
      ok: false,
      error: { code: "Forbidden", message: "no" },
    });
    for (let turns = 0; turns < 10; turns++)
      expect(await transport.request<null>(ignored)).toEqual({ ok: true, value: null });
    expect(new Set(server.seen.map((request) => request.response.req.socket.remotePort)).size).toBeLessThanOrEqual(2);
  });

  it("leaves nothing behind on a signal that lives longer than its requests", async () => {
    await start((request) => answer(request, 200, {}));
    const { signal } = new AbortController();
    const requests = Array.from({ length: 20 }, () => transport.request({ ...get, signal }));
    expect(getEventListeners(signal, "abort")).toHaveLength(20);
    await Promise.all(requests);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  const refusals = [
    { name: "not found", status: 404, reason: "NotFound", code: "NotFound" },
    { name: "a conflict", status: 409, reason: "Conflict", code: "Conflict" },
    { name: "an object that exists", status: 409, reason: "AlreadyExists", code: "AlreadyExists" },
    { name: "an expired version", status: 410, reason: "Expired", code: "Gone" },
    { name: "an invalid object", status: 422, reason: "Invalid", code: "Invalid" },
    { name: "a lack of rights", status: 403, reason: "Forbidden", code: "Forbidden" },
  ];
  for (const { name, status, reason, code } of refusals) {
    it(`hands on ${name} at once`, async () => {
      await start((request) => answer(request, status, { kind: "Status", reason, message: "because", code: status }));
      expect(await transport.request(get)).toEqual({
        ok: false,
        error: { code, status, reason, message: "because", retryAfter: null },
      });
      expect(server.seen).toHaveLength(1);
    });
  }

  it("waits out Retry-After, for a POST too, as 429 says that nothing was done", async () => {
    await start((request, index) =>
      index === 0 ? answer(request, 429, {}, { "retry-after": "3" }) : answer(request, 200, {}),
    );
    const result = transport.request({ ...get, method: "POST" });
    await attempts(1);
    clock.advanceBy(3_374);
    await turn();
    expect(server.seen).toHaveLength(1);
    clock.advanceBy(1);
    expect((await result).ok).toBe(true);
  });

  it("sends an idempotent request again after 5xx, truncated JSON and a reset, and says so when it gives up", async () => {
    await start((request, index) => {
      if (index === 0) answer(request, 503, {});
      else if (index === 1) request.response.end('{"items":[');
      else request.response.destroy();
    });
    const result = transport.request({ ...get, retries: 3 });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await attempts(attempt);
      clock.advanceBy(2_000);
    }
    expect(await result).toMatchObject({ ok: false, error: { code: "Unreachable", status: 0 } });
    expect(outcomes.map(({ code }) => code)).toEqual(["Unavailable", "BadResponse", "Unreachable", "Unreachable"]);
  });

  it("does not send a POST again that may have been served", async () => {
    await start((request) => answer(request, 500, {}));
    expect(await transport.request({ ...get, method: "POST" })).toMatchObject({ error: { code: "InternalError" } });
    expect(server.seen).toHaveLength(1);
  });

  it("reads the token anew after a 401, once", async () => {
    await start((request) => answer(request, request.headers.authorization === "Bearer t0" ? 401 : 200, {}));
    expect((await transport.request(get)).ok).toBe(true);
    expect(server.seen.map((request) => request.headers.authorization)).toEqual(["Bearer t0", "Bearer t1"]);
  });

  it("gives up an attempt that takes too long", async () => {
    await start(() => {});
    const result = transport.request({ ...get, timeout: 5_000, retries: 0 });
    await eventually(() => server.seen.length === 1);
    clock.advanceBy(5_000);
    expect(await result).toMatchObject({ error: { code: "Timeout" } });
  });

  it("ends with the caller's signal, also between attempts", async () => {
    await start((request) => answer(request, 503, {}));
    const controller = new AbortController();
    const result = transport.request({ ...get, signal: controller.signal });
    await attempts(1);
    controller.abort();
    expect(await result).toMatchObject({ error: { code: "Aborted" } });
    expect(server.seen).toHaveLength(1);
  });

  it("sends nothing while the guard is closed, also not again", async () => {
    await start((request) => answer(request, 503, {}));
    let open = true;
    const result = transport.request({ ...get, method: "PATCH", idempotent: true, guard: () => open });
    await attempts(1);
    open = false;
    clock.advanceBy(10_000);
    expect(await result).toMatchObject({ error: { code: "Fenced" } });
    expect(server.seen).toHaveLength(1);
  });

  it("takes nothing after it was closed", async () => {
    await start((request) => answer(request, 200, {}));
    await transport.close();
    expect(await transport.request(get)).toMatchObject({ error: { code: "Aborted" } });
  });
});
