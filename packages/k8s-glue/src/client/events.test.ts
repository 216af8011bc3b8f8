import { instant } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { correlate, createEventCorrelator, defaultEventLimits, type Occurrence } from "./event-correlator.ts";
import { createEventRecorder, type EventRecorder } from "./events.ts";
import { answer, eventually, type ScriptedServer, startScriptedServer, turn } from "./scripted-server.test.fixture.ts";
import { createTransport } from "./transport.ts";

const occurrence = (name: string, message = "m"): Occurrence => ({
  object: { apiVersion: "v1", kind: "Service", namespace: "x", name },
  type: "Warning",
  reason: "AllocationFailed",
  message,
});
interface Started {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly recorder: EventRecorder;
  readonly lost: readonly string[];
  readonly close: () => Promise<void>;
}

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
  it("forgets the oldest first", () => {
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
    for (let turn = 0; turn < 3; turn++) {
      recorder.record(occurrence("a"));
      await recorder.flush();
    }
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

  /** A recorder whose server answers what `status` says, each time after `took` milliseconds. */
  async function start(took: number, status: () => number): Promise<Started> {
    const clock = createVirtualClock();
    const server = await startScriptedServer((request) => {
      clock.advanceBy(took);
      answer(request, status(), {});
    });
    const transport = createTransport(server.credentials, { clock, random: () => 0, userAgent: "test/1" });
    const lost: string[] = [];
    const recorder = createEventRecorder({
      transport,
      clock,
      wallClock: () => 0,
      component: "metallb-controller",
      onLost: ({ object }, because) => lost.push(`${object.name} ${because}`),
    });
    const close = async (): Promise<void> => {
      await transport.close();
      await server.close();
    };
    return { server, clock, recorder, lost, close };
  }

  it("counts on the one that waits what recurs meanwhile", async () => {
    const { server, recorder, close } = await start(0, () => 200);
    for (const name of ["a", "b", "b", "b", "a"]) recorder.record(occurrence(name));
    await recorder.flush();
    const sent = server.seen.map(({ method, body }) => `${method} ${JSON.parse(body).count}`);
    expect(sent).toEqual(["POST 1", "POST 3", "PATCH 2"]);
    await close();
  });

  it("loses none of a burst, and tells of those beyond what may wait", async () => {
    const { recorder, lost, close } = await start(0, () => 200);
    // The first is on its way at once; behind it wait as many as may.
    for (let index = 0; index < 20_003; index++) recorder.record(occurrence(`s${index}`));
    expect(lost).toEqual(["s20001 QueueFull", "s20002 QueueFull"]);
    await close();
    await recorder.flush();
  });

  it("tells of one that the server refuses, and goes on", async () => {
    const { server, recorder, lost, close } = await start(0, () => (server.seen.length === 1 ? 403 : 200));
    for (const name of ["a", "b"]) recorder.record(occurrence(name));
    await recorder.flush();
    expect(lost).toEqual(["a Forbidden"]);
    expect(server.seen).toHaveLength(2);
    await close();
  });

  it("pauses after each as long as it took, and not when it is told to hurry", async () => {
    const { server, clock, recorder, close } = await start(7, () => 200);
    for (const name of ["a", "b", "c", "d"]) recorder.record(occurrence(name));
    // Nothing but the pause waits for the clock by less than a request's timeout.
    const pauses = (): boolean => (clock.nextWake() ?? 0) === clock.now() + 7;
    await eventually(() => server.seen.length === 1 && pauses());
    clock.advanceBy(6);
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(server.seen).toHaveLength(1);
    clock.advanceBy(1);
    await eventually(() => server.seen.length === 2 && pauses());
    await recorder.flush();
    expect(server.seen).toHaveLength(4);
    await close();
  });
});
