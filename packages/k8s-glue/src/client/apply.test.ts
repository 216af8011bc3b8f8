import { SERVICES } from "@herald-lb/k8s-glue/objects";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyDifferent, applyStatus, mergeObject } from "./apply.ts";
import { answer, type ScriptedServer, startScriptedServer } from "./scripted-server.test.fixture.ts";
import { createTransport, type Transport } from "./transport.ts";

let server: ScriptedServer;
let transport: Transport;

beforeEach(async () => {
  server = await startScriptedServer((request) => answer(request, 200, JSON.parse(request.body)));
  transport = createTransport(server.credentials, {
    clock: createVirtualClock(),
    random: () => 0.5,
    userAgent: "test/1",
  });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

const metadata = { namespace: "x", name: "a" };
const status = (ip: string): object => ({ loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } });

describe("server-side apply", () => {
  it("applies a status under its manager's name, by force", async () => {
    await applyStatus(transport, SERVICES, { metadata, status: status("192.0.2.1") }, { fieldManager: "herald" });
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: "PATCH", path: "/api/v1/namespaces/x/services/a/status" });
    expect(Object.fromEntries(seen?.query ?? [])).toEqual({ fieldManager: "herald", force: "true" });
    expect(seen?.headers["content-type"]).toBe("application/apply-patch+yaml");
    expect(JSON.parse(seen?.body ?? "")).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata,
      status: status("192.0.2.1"),
    });
  });

  const options = { fieldManager: "herald", exact: ["status.loadBalancer"], subresource: "status" } as const;
  const live = {
    metadata: { ...metadata, resourceVersion: "5" },
    spec: { type: "LoadBalancer" },
    status: { ...status("192.0.2.1"), conditions: [] },
  };
  const cases = [
    { name: "writes nothing that is there", wanted: { metadata, status: status("192.0.2.1") }, requests: 0 },
    { name: "writes what differs", wanted: { metadata, status: status("192.0.2.2") }, requests: 1 },
    { name: "writes what is no longer wanted", wanted: { metadata, status: {} }, requests: 1 },
  ];
  for (const { name, wanted, requests } of cases) {
    it(name, async () => {
      const applied = await applyDifferent(transport, SERVICES, live, wanted, options);
      expect(applied).toMatchObject({ ok: true, value: { written: requests === 1 } });
      expect(server.seen).toHaveLength(requests);
    });
  }

  it("sends nothing behind a closed fence", async () => {
    expect(
      await applyDifferent(transport, SERVICES, undefined, { metadata }, { ...options, guard: () => false }),
    ).toMatchObject({ error: { code: "Fenced" } });
    expect(server.seen).toEqual([]);
  });

  it("merges", async () => {
    await mergeObject(
      transport,
      SERVICES,
      metadata,
      { metadata: { annotations: { a: null } } },
      { fieldManager: "herald" },
    );
    expect(server.seen[0]?.headers["content-type"]).toBe("application/merge-patch+json");
  });
});
