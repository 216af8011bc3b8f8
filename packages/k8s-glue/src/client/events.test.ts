import { instant } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { correlate, createEventCorrelator, defaultEventLimits, type Occurrence } from "./event-correlator.ts";
import { createEventRecorder } from "./events.ts";
import { answer, startScriptedServer } from "./scripted-server.test.fixture.ts";
import { createTransport } from "./transport.ts";

const occurrence = (name: string, message = "m"): Occurrence => ({
  object: { apiVersion: "v1", kind: "Service", namespace: "x", name },
  type: "Warning",
  reason: "AllocationFailed",
  message,
});
const fresh = { eventName: "e", wallTime: 0 };

describe("the event correlator", () => {
  it("counts the same within the window, and starts anew after it", () => {
    const correlator = createEventCorrelator();
    const at = (now: number, given = occurrence("a")): string =>
      correlate(correlator, given, defaultEventLimits, instant(now), fresh).type;
    expect([at(0), at(1), at(600_000), at(1_300_000), at(1_300_000, occurrence("a", "other"))]).toEqual([
      "Create",
      "Count",
      "Count",
      "Create",
      "Create",
    ]);
  });

  it("drops what one object has too many of, and no other's", () => {
    const correlator = createEventCorrelator();
    const types = Array.from(
      { length: 30 },
      () => correlate(correlator, occurrence("a"), defaultEventLimits, instant(0), fresh).type,
    );
    expect(types.filter((type) => type !== "Drop")).toHaveLength(25);
    expect(correlate(correlator, occurrence("b"), defaultEventLimits, instant(0), fresh).type).toBe("Create");
    expect(correlate(correlator, occurrence("a"), defaultEventLimits, instant(300_000), fresh).type).toBe("Count");
    expect(correlate(correlator, occurrence("a"), defaultEventLimits, instant(300_001), fresh).type).toBe("Drop");
  });

  it("remembers no more than it may", () => {
    const correlator = createEventCorrelator();
    const limits = { ...defaultEventLimits, memory: 3 };
    for (let turn = 0; turn < 10; turn++) correlate(correlator, occurrence(`s${turn}`), limits, instant(0), fresh);
    expect(correlator.events.size).toBe(3);
    expect(correlate(correlator, occurrence("s9"), limits, instant(0), fresh).type).toBe("Count");
  });
});

describe("the correlator's memory", () => {
  it("forgets the longest unseen first", () => {
    const correlator = createEventCorrelator();
    const limits = { ...defaultEventLimits, memory: 2 };
    const types = ["a", "b", "a", "c", "a", "b"].map(
      (name) => correlate(correlator, occurrence(name), limits, instant(0), fresh).type,
    );
    expect(types).toEqual(["Create", "Create", "Count", "Create", "Count", "Create"]);
  });
});

describe("the event recorder", () => {
  it("creates, counts, and creates again what the server forgot", async () => {
    const server = await startScriptedServer((request) =>
      answer(request, request.method === "PATCH" && server.seen.length === 3 ? 404 : 200, {}),
    );
    const clock = createVirtualClock();
    const transport = createTransport(server.credentials, { clock, random: () => 0.5, userAgent: "test/1" });
    const recorder = createEventRecorder({
      transport,
      clock,
      wallClock: () => 1_700_000_000_123,
      component: "metallb-speaker",
      host: "node-1",
    });
    for (let turn = 0; turn < 3; turn++) recorder.record(occurrence("a"));
    await recorder.flush();
    const sent = server.seen.map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) }));
    expect(sent.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "POST"]);
    expect(sent[0]?.body).toMatchObject({
      metadata: { namespace: "x" },
      source: { component: "metallb-speaker", host: "node-1" },
      count: 1,
      firstTimestamp: "2023-11-14T22:13:20Z",
    });
    expect(sent[1]?.path).toMatch(/^\/api\/v1\/namespaces\/x\/events\/a\.[0-9a-f]{16}$/);
    expect(sent[1]?.body).toEqual({ count: 2, lastTimestamp: "2023-11-14T22:13:20Z" });
    expect(sent[3]?.body).toMatchObject({ count: 3 });
    await transport.close();
    await server.close();
  });
});
